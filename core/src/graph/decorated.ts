import { entityOf } from '../catalog/index.js'
import type { Entry, Library, SignalParameter } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { entryPoint, titleOf } from './entry-point.js'
import type { EntryPoint, FnRef } from './model.js'

/** `@Get(':id') find(@Param('id') id: string)`: the request is the parameter that `@Req()` marks, if there is one. */
export function decoratedEntry(r: Resolver, ref: FnRef): EntryPoint | undefined {
  const fn = r.program.fn(ref.file, ref.fn)
  if (fn.kind !== 'method' || !fn.hasBody) return undefined
  for (const { expr } of fn.decorators) {
    const { name, values, args } = decoratorOf(r, ref.file, expr)
    for (const value of values.flatMap((each) => composedOf(r, each))) {
      const found = value.k === 'lib' ? entityOf(value.lib, value.entity)?.decorator : undefined
      if (!found || value.k !== 'lib') continue
      const { parameter, undecorated, ...rest } = found
      const isPlain =
        fn.params.length > 0 && fn.params.every((param) => param.decorators.length === 0)
      const marked = fn.params.findIndex((param) =>
        param.decorators.some((each) => marksRequest(decoratorOf(r, ref.file, each.expr).values)),
      )
      const request = isPlain && undecorated ? 0 : marked
      const entry: Entry = { from: 0, request, params: undecorated ?? [], ...rest }
      const title = titleOf(r, ref.file, args, entry, name)
      const point = entryPoint(r, ref, entry, value.lib, title, true)
      // One decorated parameter would leave those without a decorator empty.
      const isOpen = fn.params.every((param) => param.decorators.length > 0 && !param.rest)
      if (!parameter || !isOpen || request !== -1) return point
      return { ...point, parameter: importable(r, ref.file, expr, value.lib, parameter) }
    }
  }
  return undefined
}

/** What a framework exports itself comes from where the file has its other decorators from. */
function importable(
  r: Resolver,
  file: string,
  id: ExprId,
  lib: Library,
  parameter: SignalParameter,
): SignalParameter {
  const { name } = decoratorOf(r, file, id)
  const binding = r.program.facts(file).bindings.find((each) => each.import && each.name === name)
  const module = binding?.import?.module
  const isOwn = parameter.request !== undefined && module !== undefined
  return isOwn && lib.modules.includes(module) ? { ...parameter, module } : parameter
}

/** `const GetPage = (path) => applyDecorators(Get(path), ApiPage())`: an own decorator is those that it calls. */
function composedOf(r: Resolver, value: Value): readonly Value[] {
  if (value.k !== 'fn') return [value]
  return r
    .index(value.file)
    .callsBelow(value.fn)
    .flatMap(({ expr }) => {
      const call = r.program.expr(value.file, expr)
      return call.k === 'call' ? r.expr(value.file, call.callee) : []
    })
}

/** What a decorator is called, is, and is given. */
export function decoratorOf(
  r: Resolver,
  file: string,
  id: ExprId,
): { name: string; values: readonly Value[]; args: readonly ExprId[] } {
  const expr = r.program.expr(file, id)
  const callee = expr.k === 'call' ? expr.callee : id
  const named = r.program.expr(file, callee)
  const name = named.k === 'id' || named.k === 'member' ? named.name : ''
  return { name, values: r.expr(file, callee), args: expr.k === 'call' ? expr.args : [] }
}

function marksRequest(values: readonly Value[]): boolean {
  return values.some(
    (each) => each.k === 'lib' && entityOf(each.lib, each.entity)?.marksRequest === true,
  )
}
