import { removal, type Analysis, type FileFacts, type Span, type Step } from '@ctx-fix/core'
import { planSteps, type PlanContext } from '../passes/6-plan-steps.js'
import type { CodemodPlan } from './codemod.js'
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
  const edits = [...analysis.resolver.files].flatMap(([file, facts]) => {
    const text = texts.get(file) ?? ''
    return isEditable(file) ? registrations(facts).map((each) => removal(file, text, each)) : []
  })
  return edits.map((edit, id) => ({
    id,
    kind: 'setup',
    edits: [edit],
    imports: [],
    requires: [],
    onlyIfRequired: false,
    label: 'remove the middleware',
  }))
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
  return new Set(
    bindings.flatMap(({ name, import: from }) =>
      from?.name === wanted && from.module.startsWith('@ctx-fix/runtime') ? [name] : [],
    ),
  )
}
