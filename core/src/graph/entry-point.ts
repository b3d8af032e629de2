import { entityOf } from '../catalog/index.js'
import type { Entry, Library } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import type { EntryPoint, FnRef } from './model.js'

/** A function with what its registration says of it. */
export function entryPoint(
  r: Resolver,
  ref: FnRef,
  entry: Entry,
  lib: Library,
  title: string,
  isRegistered: boolean,
): EntryPoint {
  const arity = r.program.fn(ref.file, ref.fn).params.length
  return {
    ...ref,
    library: lib.name,
    title,
    method: entry.method,
    request: entry.requestWithArity?.[arity] ?? entry.request,
    ...sourceOf(lib, entry),
    ...(entry.requestByOption === undefined ? {} : { byOption: true }),
    registered: isRegistered,
  }
}

type Source = Pick<EntryPoint, 'module' | 'named' | 'native' | 'part' | 'behind' | 'optional'>

/** How a signal is had from what the handler is given, or from any request of the library. */
function sourceOf(lib: Library, entry: Entry): Source {
  const given = entityOf(lib, entry.params[entry.request]?.split('<')[0] ?? '')
  const found = [given, ...Object.values(lib.entities)].find((each) => each?.request !== undefined)
  if (!found?.request) return { module: '@ctx-fix/runtime/node', named: 'req' }
  const { module, named, native, part, behind, optional } = found.request
  return {
    module,
    ...(named === undefined ? {} : { named }),
    ...(native === undefined || part === undefined ? {} : { native }),
    ...(part === undefined ? {} : { part }),
    ...(behind === undefined ? {} : { behind }),
    ...(optional === true ? { optional } : {}),
  }
}

/** `route({ method: 'POST', … })`: of several methods one with a body, as that has the narrower rules. */
export function withMethod(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  entry: Entry,
): Entry {
  const value = optionOf(r, file, args, entry.methodKey)
  if (value === undefined) return entry
  const expr = r.program.expr(file, value)
  const methods = (expr.k === 'arr' ? expr.of : [value])
    .flatMap((each) => textOf(r, file, each) ?? [])
    .map((each) => each.toUpperCase())
  const method = methods.find((each) => !bodiless.has(each)) ?? methods[0]
  return method === undefined ? entry : { ...entry, method }
}

const bodiless = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The value of a key of an options object among the arguments. */
function optionOf(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  key: string | undefined,
): ExprId | undefined {
  if (key === undefined) return undefined
  for (const arg of args) {
    const expr = r.program.expr(file, arg)
    const found = expr.k === 'obj' ? expr.props.find((each) => each.name === key) : undefined
    if (found) return found.value
  }
  return undefined
}

function textOf(r: Resolver, file: string, id: ExprId | undefined): string | undefined {
  const expr = id === undefined ? undefined : r.program.expr(file, id)
  return expr?.k === 'str' ? expr.value : undefined
}

/** `GET /users/:id`, as far as it is written. */
export function titleOf(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  entry: Entry,
  name: string,
): string {
  const path = textOf(r, file, args[0]) ?? textOf(r, file, optionOf(r, file, args, entry.pathKey))
  const verb = entry.method ?? name
  return path === undefined ? verb : `${verb} ${path}`
}
