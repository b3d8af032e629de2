import type { Binding, Expr, ExprId, FnId } from '../facts/types.js'
import { instances } from './described.js'
import type { Resolver } from './resolver.js'
import { union, weaken, type Value } from './values.js'

const plainScript = /\.[cm]?jsx?$/

/**
 * What a parameter is by what the program's calls give it. Only for plain JavaScript, which has no other
 * word for it: `module.exports = (sequelize) => …` is called as `require('./user')(sequelize)`.
 */
export class CallArguments {
  #calls: Map<string, { file: string; args: readonly ExprId[] }[]> | undefined

  constructor(readonly resolver: Resolver) {}

  of(file: string, fn: FnId, index: number): readonly Value[] {
    if (!plainScript.test(file)) return []
    const calls = (this.#calls ??= this.#read()).get(`${file}\0${fn}`) ?? []
    const given = calls.map((call): readonly Value[] => {
      const arg = call.args[index]
      return arg === undefined ? [] : this.resolver.expr(call.file, arg)
    })
    return weaken(union(...given), 'name')
  }

  #read(): Map<string, { file: string; args: readonly ExprId[] }[]> {
    const r = this.resolver
    const found = new Map<string, { file: string; args: readonly ExprId[] }[]>()
    // Questions that come up on the way find nothing, rather than this once more.
    this.#calls = found
    for (const [file, facts] of r.program.files) {
      if (!plainScript.test(file)) continue
      for (const site of facts.calls) {
        const call = facts.exprs[site.expr]
        if ((call?.k !== 'call' && call?.k !== 'new') || call.args.length === 0) continue
        if (!this.#isModuleLevel(file, call.callee)) continue
        for (const value of this.#called(file, call)) {
          if (value.k !== 'fn' || !plainScript.test(value.file)) continue
          const key = `${value.file}\0${value.fn}`
          found.set(key, [...(found.get(key) ?? []), { file, args: call.args }])
        }
      }
    }
    return found
  }

  /** Functions that a call runs: of `new Users(User)` and `super(User)` the constructor. */
  #called(file: string, call: Expr & { k: 'call' | 'new' }): readonly Value[] {
    const r = this.resolver
    const callee = r.program.expr(file, call.callee)
    if (call.k === 'call' && callee.k !== 'super') return r.expr(file, call.callee)
    const made =
      callee.k === 'super'
        ? callee.cls === undefined
          ? []
          : r.superValues(file, callee.cls)
        : instances(r.expr(file, call.callee))
    return made.flatMap((each) => constructorOf(r, each))
  }

  /** Names of the module, its imports and their members: what they are does not hang on a parameter. */
  #isModuleLevel(file: string, id: ExprId): boolean {
    const { program } = this.resolver
    const expr = program.expr(file, id)
    if (expr.k === 'super') return true
    if (expr.k === 'member') return this.#isModuleLevel(file, expr.object)
    if (expr.k === 'call') {
      const callee = program.expr(file, expr.callee)
      return callee.k === 'id' && callee.name === 'require'
    }
    if (expr.k !== 'id') return false
    const binding: Binding | undefined = program.lookUp(file, expr.name, expr.scope)
    if (!binding || binding.param) return false
    if (binding.import || binding.fns.length > 0 || binding.cls !== undefined) return true
    const init = binding.init === undefined ? undefined : program.expr(file, binding.init)
    return (
      init?.k === 'fn' ||
      (init?.k === 'call' && binding.init !== undefined && this.#isModuleLevel(file, binding.init))
    )
  }
}

/** The constructor that making an instance runs: the class's own, else that which it inherits. */
function constructorOf(r: Resolver, value: Value, depth = 0): readonly Value[] {
  if (value.k !== 'inst' || depth > 8) return []
  const own = r.program
    .cls(value.file, value.cls)
    .members.find((each) => each.kind === 'constructor')
  if (own?.fn !== undefined) return [r.fnValue(value.file, own.fn)]
  return r.superValues(value.file, value.cls).flatMap((each) => constructorOf(r, each, depth + 1))
}
