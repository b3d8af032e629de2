import { append } from '../append.js'
import type { CallSite, ExprId } from '../facts/types.js'
import { definitionsOf, type ExprRef } from '../resolve/definitions.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary } from '../resolve/values.js'
import type { Analysis } from './analysis.js'
import { carrierKey, establishOf, frameworkValue, madeBy, type CarrierKey } from './carriers.js'

/** Where a call on an application or router stands. */
export interface Position {
  readonly file: string
  readonly site: CallSite
}

/** `app.use(ctxSignal())` */
export interface MiddlewareUse extends Position {
  readonly library: string
  /** It is an application, not a router, that takes it. */
  readonly isApp: boolean
  /** What has been registered before runs inside it too, as hooks do. */
  readonly isAnyOrder: boolean
  /** What takes it; empty where that is handed in from elsewhere. */
  readonly carriers: readonly CarrierKey[]
}

/** `app.use('/users', router)` */
export interface Mount extends Position {
  readonly hosts: readonly CarrierKey[]
}

/** Everything on which the program puts the runtime's middleware, for all of its paths. */
export function middlewareUses(analysis: Analysis): readonly MiddlewareUse[] {
  const r = analysis.resolver
  const found: MiddlewareUse[] = []
  for (const [file, facts] of r.files) {
    if (!facts.modules.some((each) => each.startsWith('@ctx-fix/runtime'))) continue
    if (analysis.isExempt(facts.path)) continue
    for (const site of facts.calls) {
      const call = facts.exprs[site.expr]
      const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'member') continue
      const position = call.args.findIndex((arg) => isMiddleware(analysis, file, arg))
      if (position < 0) continue
      const object = { file, expr: callee.object }
      const value = frameworkValue(r, object)
      const establish = value && establishOf(value)
      if (!value || establish?.chained === true) continue
      if (callee.name !== (establish?.method ?? 'use')) continue
      const before = call.args.slice(0, position)
      if (!before.every((arg) => isEverywhere(r, { file, expr: arg }, value.lib.name))) continue
      found.push({
        file,
        site,
        library: value.lib.name,
        isApp: establish !== undefined,
        isAnyOrder: establish?.method === 'register',
        carriers: madeBy(r, object).map(carrierKey),
      })
    }
  }
  return found
}

export function isMiddleware(analysis: Analysis, file: string, arg: ExprId): boolean {
  return analysis.resolver
    .expr(file, arg)
    .some((each) => isLibrary(each, '@ctx-fix/runtime', 'CtxSignal'))
}

/** Frameworks whose middleware on `/` runs for all that is below it; that of others runs for `/` alone. */
const prefixed = new Set(['express', 'nestjs'])

/** Whether an argument before the middleware leaves it there for every path. */
function isEverywhere(r: Resolver, ref: ExprRef, library: string): boolean {
  const known = [ref, ...definitionsOf(r, ref)]
  return known.every(({ file, expr: id }) => {
    const expr = r.program.expr(file, id)
    if (expr.k === 'arr') return expr.of.every((each) => r.program.expr(file, each).k !== 'str')
    if (expr.k !== 'str') return true
    return /^\/?\*{1,2}$/.test(expr.value) || (expr.value === '/' && prefixed.has(library))
  })
}

const mounting = new Set(['use', 'route', 'mount', 'register'])

/** What each application and router is mounted in, by what is mounted. */
export function findMounts(analysis: Analysis): ReadonlyMap<CarrierKey, readonly Mount[]> {
  const r = analysis.resolver
  const found = new Map<CarrierKey, Mount[]>()
  for (const [file, { exprs, calls, path }] of r.files) {
    if (analysis.isExempt(path)) continue
    for (const site of calls) {
      const call = exprs[site.expr]
      const callee = call?.k === 'call' ? exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'member' || !mounting.has(callee.name)) continue
      const object = { file, expr: callee.object }
      if (!frameworkValue(r, object)) continue
      const mounted = call.args.flatMap((expr) => carriersIn(r, { file, expr }))
      if (mounted.length === 0) continue
      const hosts = madeBy(r, object).map(carrierKey)
      for (const each of mounted.map(carrierKey)) {
        if (hosts.includes(each)) continue
        append(found, each, { file, site, hosts })
      }
    }
  }
  return found
}

/** What an argument mounts: `router`, `router.routes()`, `vhost('admin', admin)`, `sub.fetch`. */
function carriersIn(r: Resolver, ref: ExprRef): readonly ExprRef[] {
  const { file } = ref
  const made = madeBy(r, ref)
  if (made.length > 0) return made
  const expr = r.program.expr(file, ref.expr)
  if (expr.k === 'member') return carriersIn(r, { file, expr: expr.object })
  if (expr.k === 'arr') return expr.of.flatMap((each) => carriersIn(r, { file, expr: each }))
  if (expr.k !== 'call') return []
  const callee = r.program.expr(file, expr.callee)
  const given = callee.k === 'member' ? [callee.object, ...expr.args] : expr.args
  return given.flatMap((each) => carriersIn(r, { file, expr: each }))
}
