import type { Expr, ExprId, FileFacts, FnId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'

type CallOrNew = Expr & { k: 'call' | 'new' }

/**
 * Whether a call hands what is open to an own function that races it against a timer:
 * `withTimeout(pool.query(…), 100)`, `withTimeout(() => pool.query(…), 100)`.
 */
export function isRacedBelow(
  r: Resolver,
  { exprs, functions, path }: FileFacts,
  call: CallOrNew,
  isOpen: (id: ExprId) => boolean,
): boolean {
  const open = call.args.flatMap((id, index) => {
    const arg = exprs[id]
    const given = arg?.k === 'fn' ? (functions[arg.fn]?.returns ?? []) : [id]
    return given.some(isOpen) ? [index] : []
  })
  if (open.length === 0) return false
  return r
    .expr(path, call.callee)
    .some(
      (each) =>
        each.k === 'fn' && open.some((index) => racesParameter(r, each.file, each.fn, index)),
    )
}

function racesParameter(r: Resolver, file: string, fn: FnId, index: number): boolean {
  const facts = r.program.facts(file)
  const isIts = (id: ExprId): boolean => {
    const at = facts.exprs[awaitedCall(facts, id)]
    const expr = at?.k === 'call' ? facts.exprs[at.callee] : at
    if (expr?.k !== 'id') return false
    const { param } = r.program.lookUp(file, expr.name, expr.scope) ?? {}
    return param?.fn === fn && param.index === index
  }
  return facts.calls.some((site) => {
    const race = site.fn === fn ? facts.exprs[site.expr] : undefined
    const raced = race?.k === 'call' ? racedBy(facts, race) : undefined
    return raced?.some(isIts) === true && raced.some((each) => isTimer(facts, each))
  })
}

/** The elements of `Promise.race([…])`. */
export function racedBy({ exprs }: FileFacts, call: CallOrNew): readonly ExprId[] | undefined {
  const callee = exprs[call.callee]
  const owner = callee?.k === 'member' && callee.name === 'race' ? exprs[callee.object] : undefined
  if (owner?.k !== 'id' || owner.name !== 'Promise') return undefined
  const list = exprs[call.args[0] ?? -1]
  return list?.k === 'arr' ? list.of : undefined
}

const timers = /^(?:setTimeout|sleep|wait|delay|timer|timeout\w*|\w*Timeout|\w*Deadline|\w*After)$/

/** `sleep(1_000)`, `new Promise((_, reject) => setTimeout(reject, 1_000))`, or a variable called so. */
export function isTimer(facts: FileFacts, id: ExprId): boolean {
  const expr = facts.exprs[awaitedCall(facts, id)]
  if (expr?.k === 'id') return timers.test(expr.name)
  if (expr?.k === 'call') {
    const callee = facts.exprs[expr.callee]
    if (callee?.k !== 'id' && callee?.k !== 'member') return false
    return timers.test(callee.name) || (callee.k === 'id' && makesTimer(facts, callee.name))
  }
  if (expr?.k !== 'new') return false
  return facts.exprs.some(
    (each) =>
      each.k === 'id' &&
      each.name === 'setTimeout' &&
      expr.start <= each.start &&
      each.end <= expr.end,
  )
}

/** `const after = (ms) => new Promise((_, reject) => setTimeout(reject, ms))`, whatever it is called. */
function makesTimer(facts: FileFacts, name: string): boolean {
  const binding = facts.bindings.find((each) => each.name === name && each.fn === 0)
  const init = facts.exprs[binding?.init ?? -1]
  const fn = facts.functions[init?.k === 'fn' ? init.fn : (binding?.fns.at(-1) ?? -1)]
  const [made, ...more] = fn?.returns ?? []
  if (made === undefined || more.length > 0) return false
  return facts.exprs[made]?.k === 'new' && isTimer(facts, made)
}

/** The call behind `.then(…)` and the like. */
export function awaitedCall(facts: FileFacts, id: ExprId): ExprId {
  const expr = facts.exprs[id]
  const callee = expr?.k === 'call' ? facts.exprs[expr.callee] : undefined
  return callee?.k === 'member' && /^(?:then|catch|finally)$/.test(callee.name)
    ? awaitedCall(facts, callee.object)
    : id
}
