import { entityOf, type Catalog } from '../catalog/index.js'
import type { Surround } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import { fnKey, type EntryPoint, type FnKey, type MapHolder } from './model.js'

/** What puts the signal around one handler of its own. */
export function surroundOf(catalog: Catalog, entry: EntryPoint): Surround | undefined {
  return catalog.byName(entry.library)?.surround
}

/** Functions that run inside a signal of the runtime's: handed to one of its wrappers, or decorated. */
export function surroundedFunctions(r: Resolver): ReadonlySet<FnKey> {
  const found = new Set<FnKey>()
  for (const [file, facts] of r.files) {
    if (!facts.modules.some((each) => each.startsWith('@ctx-fix/runtime'))) continue
    for (const { expr } of facts.calls) {
      const call = facts.exprs[expr]
      const given = call?.k === 'call' ? call.args[0] : undefined
      if (call?.k !== 'call' || given === undefined || !surrounds(r, file, call.callee)) continue
      for (const key of functionsIn(r, file, given)) found.add(key)
    }
    for (const fn of facts.functions)
      if (fn.decorators.some(({ expr }) => surrounds(r, file, calleeOf(r, file, expr))))
        found.add(fnKey({ file, fn: fn.id }))
  }
  return found
}

/** Whether the map of handlers that it stands in is put into a wrapper: `resolvers: withRequestSignal(resolvers)`. */
export function isInSurroundedMap(r: Resolver, { holders }: EntryPoint): boolean {
  return holders?.every((each) => isSurroundedMap(r, each)) === true
}

export function isSurroundedMap(r: Resolver, { file, expr: id }: MapHolder): boolean {
  const expr = r.program.expr(file, id)
  return expr.k === 'call' && surrounds(r, file, expr.callee)
}

/** A function, or those of an object: `withJobSignal({ send, sweep })`. */
function functionsIn(r: Resolver, file: string, id: ExprId): readonly FnKey[] {
  return r.expr(file, id).flatMap((value) => {
    if (value.k === 'fn') return [fnKey({ file: value.file, fn: value.fn })]
    if (value.k !== 'obj') return []
    const object = r.program.expr(value.file, value.expr)
    if (object.k !== 'obj') return []
    return object.props.flatMap((each) => functionsIn(r, value.file, each.value))
  })
}

function calleeOf(r: Resolver, file: string, id: ExprId): ExprId {
  const expr = r.program.expr(file, id)
  return expr.k === 'call' ? expr.callee : id
}

/** Whether calling the expression, or decorating with it, puts a signal around a function. */
export function surrounds(r: Resolver, file: string, callee: ExprId): boolean {
  return r
    .expr(file, callee)
    .some((each) => each.k === 'lib' && entityOf(each.lib, each.entity)?.surrounds === true)
}
