import {
  removal,
  type Analysis,
  type Binding,
  type FileFacts,
  type Span,
  type Step,
  type TextEdit,
} from '@ctx-fix/core'
import { planSteps, type PlanContext } from '../passes/6-plan-steps.js'
import type { CodemodPlan } from './codemod.js'
import { withoutImport } from './removals.js'
import { unusedImports } from './unused-imports.js'

/**
 * From a signal that surrounds to signals that are passed: first they are threaded, then the middleware goes,
 * unless a call is left without a signal or something asks for the surrounding one.
 */
export function planToExplicit(context: PlanContext): CodemodPlan {
  const threaded = planSteps(context)
  if (threaded.steps.some(({ edits }) => edits.length > 0)) return { ...threaded, again: true }
  if (isNeeded(context.analysis)) return threaded
  const steps = middleware(context)
  if (steps.length > 0) return { ...threaded, steps, again: true }
  return { ...threaded, steps: unusedImports(context) }
}

/** Calls of which `check` would say that they get no signal, and `currentSignal()`. */
function isNeeded({ judgements, resolver }: Analysis): boolean {
  const isLeft = judgements.some(({ verdict }) => verdict === 'lost')
  return (
    isLeft || [...resolver.files].some(([, facts]) => imported(facts, 'currentSignal').size > 0)
  )
}

/** `app.use(ctxSignal())` */
function middleware({ analysis, texts, isEditable }: PlanContext): Step[] {
  const perFile = [...analysis.resolver.files].flatMap(([file, facts]) => {
    const gone = isEditable(file) ? registrations(facts) : []
    return gone.length > 0 ? [without(facts, texts.get(file) ?? '', gone)] : []
  })
  return perFile.map((edits, id) => ({
    id,
    kind: 'setup',
    edits,
    imports: [],
    requires: [],
    onlyIfRequired: false,
    label: 'remove the middleware',
  }))
}

/** The registrations go, with the import where nothing else names it. */
function without(facts: FileFacts, text: string, gone: readonly Span[]): readonly TextEdit[] {
  const { path: file, bindings, exprs } = facts
  const imports = bindings.flatMap((binding) => {
    if (!isOf(binding, 'ctxSignal')) return []
    const isUsed = exprs.some(
      (each) =>
        each.k === 'id' &&
        each.name === binding.name &&
        !gone.some(({ start, end }) => start <= each.start && each.end <= end),
    )
    const edit = isUsed ? undefined : withoutImport(facts, text, binding)
    return edit ? [edit] : []
  })
  return [...imports, ...gone.map((each) => removal(file, text, each))]
}

function registrations(facts: FileFacts): readonly Span[] {
  const { exprs, calls } = facts
  const names = imported(facts, 'ctxSignal')
  return calls.flatMap(({ expr, use, statement }) => {
    const call = exprs[expr]
    if (call?.k !== 'call' || call.args.length !== 1 || use !== 'discard') return []
    const given = exprs[call.args[0] ?? -1]
    const made = given?.k === 'call' ? exprs[given.callee] : given
    const isIt = made?.k === 'id' && names.has(made.name) && call.start === statement.start
    return isIt ? [statement] : []
  })
}

function imported({ bindings }: FileFacts, wanted: string): ReadonlySet<string> {
  return new Set(bindings.flatMap((each) => (isOf(each, wanted) ? [each.name] : [])))
}

function isOf({ import: from }: Binding, wanted: string): boolean {
  return from?.name === wanted && from.module.startsWith('@ctx-fix/runtime')
}
