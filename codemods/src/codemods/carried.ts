import {
  fnKey,
  type Analysis,
  type Binding,
  type CallNode,
  type ExprId,
  type FileFacts,
  type FnKey,
  type FnRef,
} from '@ctx-fix/core'

/** A signal that is carried by hand: a last parameter, or the constant that a handler derives. */
export interface Carried {
  readonly file: string
  readonly binding: Binding
  /** The function that takes it as its last parameter; undefined for a constant. */
  readonly unit: FnRef | undefined
}

/**
 * The signals that are the surrounding one wherever they are: derived by handlers that are surrounded, and
 * parameters that nobody fills with anything else.
 */
export function carriedSignals(
  analysis: Analysis,
  isEditable: (file: string) => boolean,
  isSurrounded: (ref: FnRef) => boolean,
): ReadonlyMap<Binding, Carried> {
  const found = new Map<Binding, Carried>()
  for (const [file, facts] of analysis.resolver.files) {
    if (!isEditable(file) || analysis.isExempt(file)) continue
    for (const binding of facts.bindings) {
      if (isDerived(facts, binding)) {
        if (isSurrounded({ file, fn: binding.fn }))
          found.set(binding, { file, binding, unit: undefined })
        continue
      }
      const unit = unitOf(analysis, file, facts, binding)
      if (unit) found.set(binding, { file, binding, unit })
    }
  }
  for (let size = -1; size !== found.size;) {
    size = found.size
    for (const [binding, { unit }] of found)
      if (unit && !isFilled(analysis, callersOf(analysis, unit), found)) found.delete(binding)
  }
  return found
}

/** `const signal = requestSignal(req)` */
function isDerived({ exprs, bindings, scopes }: FileFacts, binding: Binding): boolean {
  const init = exprs[binding.init ?? -1]
  const callee = init?.k === 'call' ? exprs[init.callee] : undefined
  if (callee?.k !== 'id' || binding.kind !== 'const' || binding.path.length > 0) return false
  const imported = bindings.find((each) => each.import && each.name === callee.name)
  return (
    scopes[binding.scope] !== undefined &&
    imported?.import?.name === 'requestSignal' &&
    imported.import.module.startsWith('@ctx-fix/runtime/')
  )
}

function unitOf(
  analysis: Analysis,
  file: string,
  facts: FileFacts,
  { param, name }: Binding,
): FnRef | undefined {
  const fn = param && facts.functions[param.fn]
  const taken = fn?.params[param?.index ?? -1]
  if (!fn || !taken || taken.name !== name || param.index !== fn.params.length - 1) return undefined
  if (!taken.optional || taken.fallback !== undefined || taken.decorators.length > 0)
    return undefined
  const type = facts.types[taken.type ?? -1]
  const isSignal = type?.k === 'ref' && type.name.join('.') === 'AbortSignal'
  const unit = { file, fn: fn.id }
  return isSignal && !analysis.entries.has(fnKey(unit)) ? unit : undefined
}

export function callersOf(analysis: Analysis, unit: FnRef): readonly CallNode[] {
  return analysis.callers.get(fnKey(unit)) ?? []
}

/** By some caller, and by all of them with nothing else. */
function isFilled(
  analysis: Analysis,
  callers: readonly CallNode[],
  carried: ReadonlyMap<Binding, Carried>,
): boolean {
  return (
    callers.some(({ given }) => given.k === 'signal') &&
    callers.every((each) => isFilledBy(analysis, each, carried))
  )
}

function isFilledBy(
  { resolver: { program } }: Analysis,
  { file, given, shift }: CallNode,
  carried: ReadonlyMap<Binding, Carried>,
): boolean {
  if (given.k === 'missing') return true
  if (given.k !== 'signal' || (shift && 'list' in shift)) return false
  const expr = program.expr(file, given.expr)
  const binding = expr.k === 'id' ? program.lookUp(file, expr.name, expr.scope) : undefined
  return binding !== undefined && carried.has(binding)
}

/** Where a variable is named, other than where it is declared. */
export function usesOf(
  { resolver: { program } }: Analysis,
  { file, binding }: Carried,
): readonly ExprId[] {
  return program
    .facts(file)
    .exprs.flatMap((each, id) =>
      each.k === 'id' &&
      each.name === binding.name &&
      program.lookUp(file, each.name, each.scope) === binding
        ? [id]
        : [],
    )
}

/** By function, the parameters that are carried. */
export function byUnit(carried: ReadonlyMap<Binding, Carried>): ReadonlyMap<FnKey, Carried> {
  return new Map(
    [...carried.values()].flatMap((each) => (each.unit ? [[fnKey(each.unit), each]] : [])),
  )
}
