import {
  fnKey,
  givenIn,
  isSignal,
  iterating,
  oncePer,
  type Analysis,
  type CallExpr,
  type CallNode,
  type Expr,
  type ExprId,
  type FnKey,
  type FnRef,
  type Refusal,
  type Resolver,
  type Value,
} from '@ctx-fix/core'

/**
 * Whether the function is handed on in a form that is not rewritten: `ids.map(byName[kind])`,
 * `ids.map(isNew ? create : load)`. Its new parameter would be given an index, and in a script, or behind a cast, no
 * type would tell.
 */
export function isHandedOnUnseen(analysis: Analysis, unit: FnRef): boolean {
  const { functions, names } = handedOnUnseen(analysis)
  if (functions.has(fnKey(unit))) return true
  const { cls, expr, name } = analysis.resolver.program.fn(unit.file, unit.fn)
  const isMember =
    cls !== undefined ||
    (expr !== undefined && analysis.resolver.index(unit.file).propertyOf(expr) !== undefined)
  return isMember && names.has(name)
}

const handedOnUnseen = oncePer((analysis: Analysis): Mentions => {
  const r = analysis.resolver
  const place = (file: string, expr: number): string => `${file}\0${expr}`
  const rewritten = new Set(
    analysis.calls.flatMap((each) =>
      each.kind === 'reference' ? [place(each.file, each.expr)] : [],
    ),
  )
  const found = new Mentions(r, (file, id) => rewritten.has(place(file, id)))
  for (const [file, { calls, exprs }] of r.program.files) {
    for (const { expr } of calls) {
      const call = exprs[expr]
      if (call?.k !== 'call' && call?.k !== 'new') continue
      const callee = exprs[call.callee]
      const isIterating = callee?.k === 'member' && gives.has(callee.name)
      for (const id of call.args) {
        const arg = exprs[id]
        if (!arg || arg.k === 'fn') continue
        if (isScript(file) || isIterating) found.read(file, id, isIterating)
      }
    }
  }
  return found
})

/** Methods that give their callback an index, or something else, behind the element. */
const gives = new Set([...iterating, 'from', 'fromAsync', 'reduce', 'reduceRight', 'findLastIndex'])

/** The functions that values may be, and the names of members of which nothing more is known. */
class Mentions {
  readonly functions = new Set<FnKey>()
  readonly names = new Set<string>()
  readonly #seen = new Set<string>()

  constructor(
    readonly r: Resolver,
    readonly isRewritten: (file: string, id: ExprId) => boolean,
  ) {}

  /** @param isTaken the value is called by what it is given to: a name alone is enough to leave it. */
  read(file: string, id: ExprId, isTaken: boolean): void {
    const key = `${file}\0${id}`
    if (this.#seen.has(key) || this.isRewritten(file, id)) return
    this.#seen.add(key)
    const { r } = this
    const expr = r.program.expr(file, id)
    const isOfParts = expr.k === 'as' || expr.k === 'nonnull' || expr.k === 'either'
    const values = isOfParts ? [] : r.expr(file, id)
    this.#note(values)
    switch (expr.k) {
      case 'as':
      case 'nonnull':
        this.read(file, expr.of, isTaken)
        return
      case 'assign':
        this.read(file, expr.value, isTaken)
        return
      case 'either':
        for (const each of expr.of.slice(0, 2)) this.read(file, each, isTaken)
        return
      case 'other':
        for (const each of expr.parts) this.read(file, each, isTaken)
        return
      case 'call': {
        const callee = r.program.expr(file, expr.callee)
        if (callee.k === 'member' && callee.name === 'bind') this.read(file, callee.object, isTaken)
        return
      }
      case 'id': {
        const binding = r.program.lookUp(file, expr.name, expr.scope)
        if (!binding || binding.param) return
        for (const each of [binding.fallback, ...(binding.path.length > 0 ? [] : [binding.init])])
          if (each !== undefined && each >= 0) this.read(file, each, isTaken)
        for (const each of binding.writes) this.read(file, each, isTaken)
        return
      }
      case 'member':
        if (isTaken && values.length === 0 && isScript(file)) this.names.add(expr.name)
        return
      case 'index': {
        const key = r.program.expr(file, expr.index)
        if (isTaken && values.length === 0 && key.k === 'str' && isScript(file))
          this.names.add(key.value)
        return
      }
      default:
    }
  }

  #note(values: readonly Value[]): void {
    for (const each of values)
      if (each.k === 'fn') this.functions.add(fnKey({ file: each.file, fn: each.fn }))
  }
}

/**
 * Why no parameter can stand at an index: a call gives something there already, more than the function takes, which
 * scripts and calls without types may; or it gives a list of which nobody knows how long it is.
 */
export function looseCall(analysis: Analysis, unit: FnRef, index: number): Refusal | undefined {
  const refusals = (analysis.callers.get(fnKey(unit)) ?? []).flatMap((node) => {
    const found = node.kind === 'reference' ? undefined : looseAt(analysis, node, index)
    return found === undefined ? [] : [found]
  })
  return refusals[0]
}

function looseAt(
  { resolver: r }: Analysis,
  { file, expr, shift }: CallNode,
  index: number,
): Refusal | undefined {
  const call = r.program.expr(file, expr)
  const isListed = shift !== undefined && 'list' in shift
  const list = isListed ? r.program.expr(file, shift.list) : undefined
  if (list && list.k !== 'arr')
    return isScript(file) || isArguments(list) ? 'spread-arguments' : undefined
  const args = list?.k === 'arr' ? list.of : argumentsOf(call)
  const at = index + (shift && 'by' in shift ? shift.by : 0)
  const before = args.slice(0, at + 1)
  const spreads = before.filter((each) => r.program.expr(file, each).k === 'spread')
  if (spreads.some((each) => isRestOfCallback(r, file, each))) return 'spread-arguments'
  if (spreads.length > 0) {
    const slot = { kind: 'argument', index: at, accepts: { undefined: true, null: true } } as const
    const given = givenIn(r, file, { ...call, k: 'call', args: [...args] } as CallExpr, slot)
    return given.k === 'opaque' && isScript(file) ? 'spread-arguments' : undefined
  }
  const given = args[at]
  if (given === undefined) return undefined
  const arg = r.program.expr(file, given)
  const name = arg.k === 'id' || arg.k === 'member' ? arg.name : ''
  const isMeant = /signal|abort/i.test(name) || arg.k === 'nothing'
  return isMeant || r.expr(file, given).some(isSignal) ? undefined : 'more-arguments-given'
}

/** `rows.map((...args: [string]) => load(...args))`: what calls it need not keep to the type, if `rows` has none. */
function isRestOfCallback(r: Resolver, file: string, id: ExprId): boolean {
  const spread = r.program.expr(file, id)
  const of = spread.k === 'spread' ? r.program.expr(file, spread.of) : spread
  const param = of.k === 'id' ? r.program.lookUp(file, of.name, of.scope)?.param : undefined
  if (!param) return false
  const { params, argOf } = r.program.fn(file, param.fn)
  return argOf !== undefined && params[param.index]?.rest === true
}

function isArguments(expr: Expr): boolean {
  return expr.k === 'id' && expr.name === 'arguments'
}

function argumentsOf(expr: Expr | undefined): readonly number[] {
  return expr?.k === 'call' || expr?.k === 'new' ? expr.args : []
}

function isScript(file: string): boolean {
  return /\.[cm]?jsx?$/.test(file)
}
