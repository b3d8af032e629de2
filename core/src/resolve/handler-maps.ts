import type { Entry, Library } from '../catalog/types.js'
import type { ExprId, FnId } from '../facts/types.js'
import { libraryCall } from './calls.js'
import { definitionsOf } from './definitions.js'
import type { Resolver } from './resolver.js'

/** What stands in a map of handlers, with the keys that lead to it: `resolvers.Query.user`. */
export interface MapLeaf {
  readonly file: string
  readonly expr: ExprId
  readonly path: readonly string[]
}

const DEEPEST = 12

/** The leaves of nested object literals, across files: spread, merged by a call, or exported one by one. */
export function leavesOf(
  r: Resolver,
  file: string,
  id: ExprId,
  depth = 2,
  path: readonly string[] = [],
  steps = 0,
): readonly MapLeaf[] {
  if (steps > DEEPEST) return []
  const into = (at: string, expr: ExprId, more = path) =>
    leavesOf(r, at, expr, depth, more, steps + 1)
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'obj':
      return expr.props.flatMap((prop) =>
        prop.spread
          ? into(file, prop.value)
          : prop.name === undefined
            ? []
            : into(file, prop.value, [...path, prop.name]),
      )
    case 'arr':
      return expr.of.flatMap((each) => into(file, each))
    case 'as':
    case 'nonnull':
    case 'spread':
      return into(file, expr.of)
    case 'either':
      return expr.of.slice(0, 2).flatMap((each) => into(file, each))
    case 'fn':
      return [{ file, expr: id, path }]
    case 'call': {
      // A field may be a handler in a wrapper; above that, calls put maps together.
      if (path.length >= depth) return [{ file, expr: id, path }]
      const made = r.expr(file, expr.callee).flatMap((each) => {
        if (each.k !== 'fn') return []
        const { returns } = r.program.fn(each.file, each.fn)
        return returns.flatMap((returned) => into(each.file, returned))
      })
      return made.length > 0 ? made : expr.args.flatMap((each) => into(file, each))
    }
    case 'id':
    case 'member': {
      const values = r.expr(file, id)
      const modules = values.flatMap((each) => (each.k === 'ns' ? [each.file] : []))
      if (modules.length > 0)
        return modules.flatMap((each) => exportedLeaves(r, each, depth, path, steps))
      const made = definitionsOf(r, { file, expr: id })
      if (made.length > 0) return made.flatMap((each) => into(each.file, each.expr))
      return values.some((each) => each.k === 'fn') ? [{ file, expr: id, path }] : []
    }
    default:
      return []
  }
}

/** `import * as resolvers from './resolvers.js'` */
function exportedLeaves(
  r: Resolver,
  file: string,
  depth: number,
  path: readonly string[],
  steps: number,
): readonly MapLeaf[] {
  const { exports, bindings } = r.program.facts(file)
  return exports.flatMap((each) => {
    const below = [...path, each.name]
    if (each.kind === 'expr') return leavesOf(r, file, each.expr, depth, below, steps + 1)
    if (each.kind !== 'local') return []
    const binding = bindings.find(({ name, fn }) => name === each.local && fn === 0)
    const init = binding?.init
    return init === undefined ? [] : leavesOf(r, file, init, depth, below, steps + 1)
  })
}

/** How many keys lead to a handler. */
export function depthOf({ mapDepth }: Entry): number {
  return mapDepth ?? 2
}

/** `new Books()` in the place of a map whose keys lead to handlers at once: its methods. */
export function methodsOf(
  r: Resolver,
  { file, entry, expr }: HandlerMap,
): readonly { readonly file: string; readonly fn: FnId }[] {
  if (depthOf(entry) !== 1) return []
  return r.expr(file, expr).flatMap((value) =>
    value.k !== 'inst'
      ? []
      : r.program
          .facts(value.file)
          .functions.filter(
            (fn) => fn.cls === value.cls && fn.kind === 'method' && !fn.static && fn.hasBody,
          )
          .map((fn) => ({ file: value.file, fn: fn.id })),
  )
}

/** A map of handlers where a library is given it. */
export interface HandlerMap {
  readonly file: string
  readonly entry: Entry
  readonly lib: Library
  readonly expr: ExprId
}

/** The maps among the options that a call is given. */
export function mapsAt(r: Resolver, file: string, call: ExprId): readonly HandlerMap[] {
  const expr = r.program.expr(file, call)
  if (expr.k !== 'call' && expr.k !== 'new') return []
  return r.expr(file, expr.callee).flatMap((value) => {
    if (value.k !== 'lib' && value.k !== 'libmember' && value.k !== 'libclass') return []
    const entry = libraryCall(value, expr.k)?.member.entry
    if (!entry) return []
    const given = expr.args.slice(entry.from)
    if (entry.mapArgument === true)
      return given.map((arg) => ({ file, entry, lib: value.lib, expr: arg }))
    return given.flatMap((arg) =>
      optionsOf(r, file, arg).flatMap(({ at, props }) =>
        props
          .filter((each) => each.name !== undefined && entry.mapKeys?.includes(each.name) === true)
          .map((each) => ({ file: at, entry, lib: value.lib, expr: each.value })),
      ),
    )
  })
}

function optionsOf(r: Resolver, file: string, arg: ExprId) {
  return r.expr(file, arg).flatMap((value) => {
    if (value.k !== 'obj') return []
    const object = r.program.expr(value.file, value.expr)
    return object.k === 'obj' ? [{ at: value.file, props: object.props }] : []
  })
}

/** Which functions stand in a map of handlers: nothing at the function itself tells. */
export class HandlerMaps {
  readonly #known = new Map<string, HandlerMap>()
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  of(file: string, fn: FnId): HandlerMap | undefined {
    const { files } = this.resolver.program
    // Files may join the program at any time.
    if (this.#read.size < files.size) for (const each of files.keys()) this.#readOnce(each)
    return this.#known.get(`${file}\0${fn}`)
  }

  #readOnce(file: string): void {
    // Questions that come up on the way find nothing, rather than this once more.
    if (this.#read.has(file)) return
    this.#read.add(file)
    const r = this.resolver
    const { calls, exprs } = r.program.facts(file)
    for (const { expr } of calls) {
      const call = exprs[expr]
      const callee = call?.k === 'call' || call?.k === 'new' ? exprs[call.callee] : undefined
      if (!callee || !('name' in callee) || !r.catalog.mapping.has(callee.name)) continue
      for (const map of mapsAt(r, file, expr))
        for (const key of functionsBelow(r, map)) this.#known.set(key, map)
    }
  }
}

function functionsBelow(r: Resolver, map: HandlerMap): readonly string[] {
  return [
    ...leavesOf(r, map.file, map.expr, depthOf(map.entry)).flatMap((leaf) => functionsAt(r, leaf)),
    ...methodsOf(r, map).map(({ file, fn }) => `${file}\0${fn}`),
  ]
}

/** The function of a leaf, or those that a wrapper there is given. */
function functionsAt(r: Resolver, { file, expr: id }: MapLeaf): readonly string[] {
  const expr = r.program.expr(file, id)
  const exprs = expr.k === 'call' ? expr.args : [id]
  return exprs.flatMap((each) =>
    r.expr(file, each).flatMap((value) => (value.k === 'fn' ? [`${value.file}\0${value.fn}`] : [])),
  )
}
