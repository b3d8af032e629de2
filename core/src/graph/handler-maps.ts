import type { Entry } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import { leavesOf, mapsAt, type MapLeaf } from '../resolve/handler-maps.js'
import type { Resolver } from '../resolve/resolver.js'
import { entryPoint } from './entry-point.js'
import { handlersIn } from './handlers-in.js'
import type { EntryPoint } from './model.js'

/** `resolvers: { Query: { user(parent, args, context) {} } }`, wherever the parts of the map are written. */
export function mappedEntries(r: Resolver, file: string, call: ExprId): readonly EntryPoint[] {
  return mapsAt(r, file, call).flatMap((map) => {
    const holder = { file: map.file, expr: map.expr }
    return leavesOf(r, map.file, map.expr).flatMap((leaf) => {
      const entry = entryAt(map.entry, leaf)
      if (!entry) return []
      return handlersIn(r, leaf.file, leaf.expr, entry).map((ref) => ({
        ...entryPoint(r, ref, entry, map.lib, leaf.path.slice(0, 2).join('.'), true),
        holder,
      }))
    })
  })
}

/** A type, its field, and where the field is an object what that holds. */
function entryAt(entry: Entry, { path }: MapLeaf): Entry | undefined {
  const [, field = '', part] = path
  if (path.length < 2 || (part !== undefined && entry.handlerKeys?.includes(part) !== true))
    return undefined
  const request = entry.requestAt?.[field]
  return request === undefined ? entry : { ...entry, request }
}
