import {
  firstStatement,
  fnKey,
  importAs,
  removal,
  type Binding,
  type CallNode,
  type Expr,
  type ExprId,
  type FileFacts,
  type FnKey,
  type ImportNeed,
  type Step,
  type StepId,
  type TextEdit,
} from '@ctx-fix/core'
import type { PlanContext } from '../passes/6-plan-steps.js'
import { familyOf } from '../passes/family.js'
import { byUnit, callersOf, usesOf, type Carried } from './carried.js'
import {
  withoutArgument,
  withoutImport,
  withoutLastParameter,
  withoutProperty,
} from './removals.js'

/** Plans the removal of signals that are carried by hand, where the surrounding one is the same. */
export class Uncarrier {
  readonly #steps: Step[] = []
  readonly #ids = new Map<Binding, StepId>()
  readonly #byUnit: ReadonlyMap<FnKey, Carried>
  readonly #nodes = new Map<string, CallNode>()

  constructor(
    readonly context: PlanContext,
    readonly carried: ReadonlyMap<Binding, Carried>,
  ) {
    this.#byUnit = byUnit(carried)
    for (const node of context.analysis.calls)
      if (node.given.k === 'signal') this.#nodes.set(`${node.file}\0${node.given.expr}`, node)
  }

  steps(): readonly Step[] {
    let id = 0
    for (const binding of this.carried.keys()) this.#ids.set(binding, id++)
    for (const each of this.carried.values()) this.#steps.push(this.#step(each))
    const steps = this.#steps.filter(({ edits }) => edits.length > 0)
    const going = this.#goingImports(steps).map((each, index) => ({ ...each, id: id + index }))
    return [
      ...steps.map((each) => inPlaceOf(each, going)),
      ...going.map(({ step, id: own }) => ({ ...step, id: own })),
    ]
  }

  /** Imports of which every use goes. To one whose place another name of the module takes, that is given. */
  #goingImports(steps: readonly Step[]): readonly GoingImport[] {
    const added = new Set(steps.flatMap(({ imports }) => imports.map(keyOf)))
    return [...this.context.analysis.resolver.files].flatMap(([file, facts]) =>
      facts.bindings.flatMap((binding): GoingImport[] => {
        const { import: from, name } = binding
        if (!from || !isWrapper.test(from.name)) return []
        const uses = facts.exprs.filter((each) => each.k === 'id' && each.name === name)
        const by = uses.map((use) => steps.find((each) => removes(each, file, use))?.id)
        const key = keyOf({ file, module: from.module })
        const { start, end } = binding
        const edit = added.has(key)
          ? { file, start, end, text: 'currentSignal' }
          : withoutImport(facts, this.#text(file), binding)
        if (!edit || uses.length === 0 || by.includes(undefined)) return []
        const step = {
          kind: 'setup' as const,
          edits: [edit],
          imports: [],
          requires: by.flatMap((each) => each ?? []),
          onlyIfRequired: false,
          label: `remove the import of ${name}`,
        }
        return [{ key, step }]
      }),
    )
  }

  #step(carried: Carried): Step {
    const edits: TextEdit[] = []
    const requires: StepId[] = []
    let isKept = false
    for (const use of usesOf(this.context.analysis, carried)) {
      const removed = this.#withoutUse(carried.file, use)
      if (!removed) isKept = true
      else if ('edits' in removed) edits.push(...removed.edits)
      else if (!requires.includes(removed.by)) requires.push(removed.by)
    }
    const imports: ImportNeed[] = []
    if (carried.unit) {
      edits.push(...this.#withoutParameter(carried))
      if (isKept) {
        const kept = this.#surrounding(carried)
        edits.push(...kept.edits)
        imports.push(...kept.imports)
      }
    } else if (!isKept) edits.push(...this.#withoutConstant(carried))
    return {
      id: this.#ids.get(carried.binding) ?? -1,
      kind: 'signature',
      edits,
      imports,
      requires,
      onlyIfRequired: false,
      label: `take ${carried.binding.name} from where it surrounds`,
    }
  }

  /** What makes a use go: edits, or the step of the function that it is passed to. Undefined where it stays. */
  #withoutUse(
    file: string,
    use: ExprId,
  ): { readonly edits: readonly TextEdit[] } | { readonly by: StepId } | undefined {
    const facts = this.#facts(file)
    const node = this.#nodes.get(`${file}\0${use}`)
    if (!node) return this.#unwrapped(facts, use)
    if (node.sink) {
      if (node.sink.library.kind !== 'database' || node.sink.spec.effect !== 'cancels')
        return undefined
      const edit = this.#withoutOption(facts, use)
      return edit && { edits: [edit] }
    }
    const target = node.targets.map((each) => this.#byUnit.get(fnKey(each))).find(Boolean)
    const by = target && this.#ids.get(target.binding)
    return by === undefined ? undefined : { by }
  }

  /** `{ text, values, signal }` keeps the rest; an object with nothing else goes as a whole. */
  #withoutOption(facts: FileFacts, use: ExprId): TextEdit | undefined {
    const text = this.#text(facts.path)
    const at = facts.exprs.findIndex(
      (each) => each.k === 'obj' && each.props.some(({ value }) => value === use),
    )
    const object = facts.exprs[at]
    if (object?.k !== 'obj') return undefined
    const index = object.props.findIndex(({ value }) => value === use)
    const edit = withoutProperty(facts, text, object, index)
    if (edit) return edit
    const call = facts.calls.find(({ expr }) => argsOf(facts.exprs[expr]).includes(at))
    const args = argsOf(facts.exprs[call?.expr ?? -1])
    return call && withoutArgument(facts, args, args.indexOf(at), call.open)
  }

  /** `withSignal(signal, () => query())` becomes `query()`. */
  #unwrapped(facts: FileFacts, use: ExprId): { readonly edits: readonly TextEdit[] } | undefined {
    const call = facts.exprs.find((each) => each.k === 'call' && each.args[0] === use)
    const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
    const arrow = call?.k === 'call' ? facts.exprs[call.args[1] ?? -1] : undefined
    const fn = arrow?.k === 'fn' ? facts.functions[arrow.fn] : undefined
    if (!call || callee?.k !== 'id' || !fn?.concise || fn.params.length > 0) return undefined
    const wraps = facts.bindings.some(
      ({ name, import: from }) =>
        name === callee.name && from?.name === 'withSignal' && from.module === '@ctx-fix/runtime',
    )
    if (!wraps) return undefined
    const { path: file } = facts
    return {
      edits: [
        { file, start: call.start, end: fn.body.start, text: '' },
        { file, start: fn.body.end, end: call.end, text: '' },
      ],
    }
  }

  /** The parameter goes from the function, from what declares it, and from the calls that fill it. */
  #withoutParameter({ file, unit }: Carried): readonly TextEdit[] {
    if (!unit) return []
    const { analysis } = this.context
    const { program } = analysis.resolver
    const family = familyOf(analysis, unit)
    const declarations = [
      { file, fn: program.fn(file, unit.fn) },
      ...family.overloads.map((fn) => ({ file, fn })),
      ...family.members
        .map((ref) => ({ file: ref.file, fn: program.fn(ref.file, ref.fn) }))
        .filter(({ fn }) => !fn.hasBody),
    ]
    const edits = declarations.flatMap(({ file: at, fn }) => {
      const isThere = fn.params.at(-1)?.optional === true && fn.close !== undefined
      const edit = isThere && withoutLastParameter(at, this.#text(at), fn.params, fn.close)
      return edit ? [edit] : []
    })
    for (const { file: at, signature } of family.signatures) {
      const last = signature.params.at(-1)
      const edit =
        last?.optional === true &&
        this.#text(at).slice(last.start, last.end).includes('AbortSignal') &&
        withoutLastParameter(at, this.#text(at), signature.params, signature.close)
      if (edit) edits.push(edit)
    }
    return [...edits, ...callersOf(analysis, unit).flatMap((node) => this.#withoutGiven(node))]
  }

  #withoutGiven({ file, given, site }: CallNode): readonly TextEdit[] {
    if (given.k !== 'signal') return []
    const facts = this.#facts(file)
    const args = argsOf(facts.exprs[site.expr])
    const edit = withoutArgument(facts, args, args.indexOf(given.expr), site.open)
    return edit ? [edit] : []
  }

  /** `const signal = currentSignal()` where something else is done with it. */
  #surrounding({ file, binding, unit }: Carried): {
    readonly edits: readonly TextEdit[]
    readonly imports: readonly ImportNeed[]
  } {
    const facts = this.#facts(file)
    const fn = facts.functions[unit?.fn ?? -1]
    if (!fn) return { edits: [], imports: [] }
    const { names } = this.context
    const { local, imports } = importAs(facts, 0, '@ctx-fix/runtime', 'currentSignal', names)
    const statement = `const ${binding.name} = ${local}()`
    return { edits: [firstStatement(file, this.#text(file), fn, statement)], imports }
  }

  /** `const signal = requestSignal(req)`, of which nothing is left. */
  #withoutConstant({ file, binding }: Carried): readonly TextEdit[] {
    const facts = this.#facts(file)
    const init = facts.exprs[binding.init ?? -1]
    const statement = facts.blocks
      .flatMap((each) => each.statements)
      .find(({ start, end }) => init && start < init.start && init.end <= end && end - init.end < 2)
    if (!statement || !init) return []
    return [removal(file, this.#text(file), statement), ...this.#unusedRequest(facts, init)]
  }

  /** `req`, of which that was the only use, says that it has none. */
  #unusedRequest({ path: file, exprs, functions }: FileFacts, init: Expr): readonly TextEdit[] {
    const [first] = argsOf(init)
    const named = exprs[first ?? -1]
    if (named?.k !== 'id') return []
    const { program } = this.context.analysis.resolver
    const binding = program.lookUp(file, named.name, named.scope)
    const param = binding?.param && functions[binding.param.fn]?.params[binding.param.index]
    const isUsed = exprs.some(
      (each) =>
        each !== named &&
        each.k === 'id' &&
        each.name === named.name &&
        program.lookUp(file, each.name, each.scope) === binding,
    )
    if (!param || isUsed || param.name !== named.name || named.name.startsWith('_')) return []
    return [{ file, start: param.start, end: param.start, text: '_' }]
  }

  #facts(file: string): FileFacts {
    return this.context.analysis.resolver.program.facts(file)
  }

  #text(file: string): string {
    return this.context.texts.get(file) ?? ''
  }
}

interface GoingImport {
  /** File and module. */
  readonly key: string
  readonly step: Omit<Step, 'id'>
}

function keyOf({ file, module }: Pick<ImportNeed, 'file' | 'module'>): string {
  return `${file}\0${module}`
}

/** A step whose import takes the place of one that goes. */
function inPlaceOf(step: Step, going: readonly (GoingImport & { readonly id: StepId })[]): Step {
  const taken = going.filter(({ key }) => step.imports.some((each) => keyOf(each) === key))
  if (taken.length === 0) return step
  const imports = step.imports.filter((each) => !taken.some(({ key }) => keyOf(each) === key))
  return { ...step, imports, requires: [...step.requires, ...taken.map(({ id }) => id)] }
}

const isWrapper = /^(?:requestSignal|withSignal)$/

/** Whether a step deletes a part of a file. */
function removes({ edits }: Step, file: string, { start, end }: Expr): boolean {
  return edits.some(
    (each) => each.file === file && each.text === '' && each.start <= start && end <= each.end,
  )
}

function argsOf(expr: Expr | undefined): readonly ExprId[] {
  return expr?.k === 'call' || expr?.k === 'new' ? expr.args : []
}
