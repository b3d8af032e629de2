import { entityOf } from '../catalog/index.js'
import type { Expr, ExprId } from '../facts/types.js'
import { entryParams } from './context.js'
import type { Registration } from './registrations.js'
import { filesBelow, namedFolder } from './folders.js'
import type { Resolver } from './resolver.js'
import type { Value } from './values.js'

/** A function, and what it is known to be given. */
export interface Told {
  readonly fn: Value
  readonly params: readonly (readonly Value[])[]
}

/**
 * What a plugin of a framework tells of others. Who registers one is given the application: in
 * `module.exports = async (app) => { app.register(cors) }` nothing else says so. One that loads a folder,
 * `app.register(autoload, { dir: join(__dirname, 'routes') })`, gives the application to what its files export.
 */
export function toldByPlugins(
  r: Resolver,
  file: string,
  { callee, args }: Expr & { k: 'call' | 'new' },
): readonly Told[] {
  const called = r.program.expr(file, callee)
  if (called.k !== 'member') return []
  return args.flatMap((arg) =>
    r.expr(file, arg).flatMap((value): readonly Told[] => {
      const plugin = value.k === 'lib' ? entityOf(value.lib, value.entity)?.plugin : undefined
      if (!plugin || value.k !== 'lib') return []
      const app = r.described(plugin.of, value.lib, 'type')
      const loaded =
        plugin.folder === undefined
          ? []
          : loadedFrom(r, file, args, plugin.folder).map((fn): Told => ({ fn, params: [app] }))
      return [...registering(r, file, called.object, app), ...loaded]
    }),
  )
}

/** `app.get('/', { preHandler: [signedIn], handler: list })`: the handlers that options name, and what they are given. */
export function handlersInOptions(
  r: Resolver,
  file: string,
  { args }: Expr & { k: 'call' | 'new' },
  registration: Registration,
): readonly Told[] {
  const keys = registration.entry.handlerKeys ?? []
  return args
    .flatMap((arg) => {
      const options = r.program.expr(file, arg)
      return options.k === 'obj' ? options.props : []
    })
    .filter(({ name }) => name !== undefined && keys.includes(name))
    .flatMap(({ value }) => {
      const list = r.program.expr(file, value)
      return list.k === 'arr' ? list.of : [value]
    })
    .filter((each) => r.program.expr(file, each).k !== 'fn')
    .flatMap((each) => r.expr(file, each))
    .flatMap((fn): readonly Told[] => {
      if (fn.k !== 'fn') return []
      const arity = r.program.fn(fn.file, fn.fn).params.length
      return [{ fn, params: entryParams(r, registration, arity) }]
    })
}

/** The function whose parameter takes the plugin. */
function registering(
  r: Resolver,
  file: string,
  receiver: ExprId,
  app: readonly Value[],
): readonly Told[] {
  const expr = r.program.expr(file, receiver)
  const binding = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope) : undefined
  if (!binding?.param || binding.path.length > 0) return []
  const { fn, index } = binding.param
  const params = Array.from({ length: index + 1 }, (_, at) => (at === index ? app : []))
  return [{ fn: r.fnValue(file, fn), params }]
}

/** What the files of the folder export that an option names. */
function loadedFrom(
  r: Resolver,
  file: string,
  args: readonly ExprId[],
  key: string,
): readonly Value[] {
  return args.flatMap((arg) => {
    const options = r.program.expr(file, arg)
    const set = options.k === 'obj' ? options.props.find((each) => each.name === key) : undefined
    const folder = set && namedFolder(r, file, set.value)
    if (folder === undefined) return []
    return filesBelow(r, folder)
      .filter((each) => each !== file)
      .flatMap((each) => [...r.exported(each, 'export='), ...r.exported(each, 'default')])
      .filter((each) => each.k === 'fn')
  })
}
