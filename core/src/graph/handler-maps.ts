import type { Entry } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import { depthOf, leavesOf, mapsAt, methodsOf, type MapLeaf } from '../resolve/handler-maps.js'
import type { Resolver } from '../resolve/resolver.js'
import { entryPoint } from './entry-point.js'
import { handlersIn } from './handlers-in.js'
import type { EntryPoint } from './model.js'

/**
 * `resolvers: { Query: { user(parent, args, context) {} } }`, wherever the parts of the map are written; and
 * the methods of an object that stands for one.
 */
export function mappedEntries(r: Resolver, file: string, call: ExprId): readonly EntryPoint[] {
  return mapsAt(r, file, call).flatMap((map) => {
    const holders = [{ file: map.file, expr: map.expr }]
    const methods = methodsOf(r, map).map((ref) => ({
      ...entryPoint(r, ref, map.entry, map.lib, r.program.fn(ref.file, ref.fn).name, true),
      holders,
    }))
    const leaves = leavesOf(r, map.file, map.expr, depthOf(map.entry)).flatMap((leaf) => {
      const entry = entryAt(map.entry, leaf)
      if (!entry) return []
      return handlersIn(r, leaf.file, leaf.expr, entry).map((ref) => ({
        ...entryPoint(r, ref, entry, map.lib, titleOf(map.entry, leaf), true),
        holders,
      }))
    })
    return [...leaves, ...methods]
  })
}

/** A type, its field, and where the field is an object what that holds. */
function entryAt(entry: Entry, { path }: MapLeaf): Entry | undefined {
  const depth = depthOf(entry)
  const field = path[depth - 1] ?? ''
  const part = path[depth]
  if (path.length < depth || (part !== undefined && entry.handlerKeys?.includes(part) !== true))
    return undefined
  const request = entry.requestAt?.[field]
  return request === undefined ? entry : { ...entry, request }
}

function titleOf(entry: Entry, { path }: MapLeaf): string {
  return path.slice(0, depthOf(entry)).join('.')
}
