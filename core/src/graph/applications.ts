import type { Establish } from '../catalog/types.js'
import type { CallSite, Expr, ExprId, FileFacts, FnId, Span } from '../facts/types.js'
import { pathOf } from '../resolve/path.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Analysis } from './analysis.js'
import { carrierKey, establishOf, frameworkValue, madeBy, type CarrierKey } from './carriers.js'

/** An application of a framework, where it is made: the place to put the request's signal around its handlers. */
export interface AppCreation extends Span {
  readonly key: CarrierKey
  readonly file: string
  readonly library: string
  readonly establish: Establish
  /** What it is called where it is made: `app`, `this.app`, `new Hono()`. */
  readonly name: string
  readonly site: CallSite
  /** Where the middleware can be put before all handlers; undefined where there is no such place. */
  readonly place: Place | undefined
}

export type Place =
  /** On a line of its own behind the statement. */
  | { readonly as: 'statement' }
  /** In the chain behind the call, whose next link has its name there. */
  | { readonly as: 'chain'; readonly nameStart?: number }
  /** First in the constructor of the class whose field it is, or behind its call of the base class. */
  | { readonly as: 'constructor'; readonly fn: FnId; readonly behind: Span | undefined }

/** Whether a file imports a framework whose applications take middleware of the runtime's. */
export function mayMakeApp({ program, catalog }: Resolver, file: string): boolean {
  return program.facts(file).modules.some((module) => {
    const entities = Object.values(catalog.byModule(module)?.entities ?? {})
    return entities.some((each) => each.establish !== undefined)
  })
}

/**
 * Every application that is made. One that a function of the program gives (`const app = buildApp()`) and
 * that cannot be followed into it has its routes by then, so that it counts only where no other is made.
 */
export function findAppCreations(analysis: Analysis): AppCreation[] {
  const r = analysis.resolver
  const found: AppCreation[] = []
  const given: AppCreation[] = []
  for (const [file, facts] of r.files) {
    if (analysis.isExempt(facts.path)) continue
    const holders = holdersIn(facts)
    const isMaking = mayMakeApp(r, file)
    for (const site of facts.calls) {
      const holder = holders.get(site.expr)
      if (!isMaking && !holder) continue
      const value = frameworkValue(r, { file, expr: site.expr })
      const establish = value && establishOf(value)
      if (!value || !establish || establish.chained === true) continue
      const ref = { file, expr: site.expr }
      const key = carrierKey(ref)
      if (!madeBy(r, ref).some((each) => carrierKey(each) === key)) continue
      const isOwn = isOwnCall(r, file, site)
      ;(isOwn ? given : found).push({
        key,
        file,
        library: value.lib.name,
        establish,
        name: holder?.name ?? madeName(facts, site.expr),
        ...(holder?.span ?? spanOf(facts, site.expr)),
        site,
        place: chainPlace(r, file, site.expr) ?? holder?.place,
      })
    }
  }
  const made = new Set(found.map((each) => each.library))
  return [...found, ...given.filter((each) => !made.has(each.library))]
}

function spanOf({ exprs }: FileFacts, id: ExprId): Span {
  const { start = 0, end = 0 } = exprs[id] ?? {}
  return { start, end }
}

function madeName({ exprs }: FileFacts, id: ExprId): string {
  const call = exprs[id]
  if (call?.k !== 'call' && call?.k !== 'new') return 'the application'
  const path = pathOf(exprs, call.callee) ?? 'the application'
  return `${call.k === 'new' ? 'new ' : ''}${path}()`
}

function isOwnCall(r: Resolver, file: string, { expr }: CallSite): boolean {
  const call = r.program.expr(file, expr)
  return call.k === 'call' && r.expr(file, call.callee).some((each) => each.k === 'fn')
}

interface Holder {
  readonly name: string
  readonly span: Span
  readonly place: Place
}

/** The calls at the root of what variables and fields are given, by their expressions. */
function holdersIn(facts: FileFacts): ReadonlyMap<ExprId, Holder> {
  const holders = new Map<ExprId, Holder>()
  const hold = (value: ExprId, name: string, place: Place, span?: Span) => {
    for (const root of rootsOf(facts, value))
      if (!holders.has(root)) holders.set(root, { name, place, span: span ?? spanOf(facts, root) })
  }
  for (const binding of facts.bindings) {
    if (binding.path.length > 0 || binding.param) continue
    const values = binding.init === undefined ? binding.writes : [binding.init, ...binding.writes]
    const { name, start, end } = binding
    for (const value of values) hold(value, name, { as: 'statement' }, { start, end })
  }
  for (const cls of facts.classes) {
    for (const { name, value } of cls.fields) hold(value, `this.${name}`, { as: 'statement' })
    const constructor = cls.members.findLast((each) => each.kind === 'constructor')?.fn
    for (const { kind, name, value, static: isStatic } of cls.members) {
      if (kind !== 'field' || value === undefined) continue
      const place = isStatic
        ? undefined
        : constructorPlace(facts, constructor, cls.extends !== undefined)
      hold(value, `${isStatic ? cls.name : 'this'}.${name}`, place ?? { as: 'chain' })
    }
  }
  return holders
}

/** What may be made in an initializer: behind `await`, a cast, further assignments, at the root of a chain. */
function rootsOf({ exprs }: FileFacts, init: ExprId): readonly ExprId[] {
  const found: ExprId[] = []
  for (let id: ExprId | undefined = init; id !== undefined;) {
    const expr: Expr | undefined = exprs[id]
    const callee: Expr | undefined = expr?.k === 'call' ? exprs[expr.callee] : undefined
    if (expr?.k === 'call' || expr?.k === 'new') found.push(id)
    if (expr?.k === 'await' || expr?.k === 'as' || expr?.k === 'nonnull') id = expr.of
    else if (expr?.k === 'assign') id = expr.value
    else id = callee?.k === 'member' ? callee.object : undefined
  }
  return found
}

function constructorPlace(
  { functions, calls, exprs }: FileFacts,
  id: FnId | undefined,
  isDerived: boolean,
): Place | undefined {
  const fn = id === undefined ? undefined : functions[id]
  if (!fn?.hasBody) return undefined
  if (!isDerived) return { as: 'constructor', fn: fn.id, behind: undefined }
  const base = calls.find((each) => {
    const call = exprs[each.expr]
    return each.fn === fn.id && call?.k === 'call' && exprs[call.callee]?.k === 'super'
  })
  return base && { as: 'constructor', fn: fn.id, behind: base.statement }
}

/** `new Hono().get('/', handler)`: middleware that is added behind it comes too late for its routes. */
function chainPlace(r: Resolver, file: string, made: ExprId): Place | undefined {
  const { exprs, calls } = r.program.facts(file)
  let first: number | undefined
  for (let at = made; ;) {
    const member = exprs.findIndex((each) => each.k === 'member' && each.object === at)
    const link = exprs[member]
    const site = calls.find(({ expr }) => {
      const call = exprs[expr]
      return call?.k === 'call' && call.callee === member
    })
    const call = site && exprs[site.expr]
    if (link?.k !== 'member' || call?.k !== 'call') return undefined
    const isLink = r
      .expr(file, member)
      .some((each) => each.k === 'libmember' && each.member.returns === 'self')
    if (!isLink) return undefined
    first ??= link.nameStart
    // What takes nothing registers nothing: `withTypeProvider()`.
    if (call.args.length > 0) return { as: 'chain', nameStart: first }
    at = site?.expr ?? at
  }
}
