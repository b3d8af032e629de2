import { entityOf } from '../catalog/index.js'
import type { Establish, Library } from '../catalog/types.js'
import type { Binding, CallSite, ExprId, Span } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary, type Value } from '../resolve/values.js'
import type { Analysis } from './analysis.js'
import { fnKey, type EntryPoint } from './model.js'
import { entryPointsBySink } from './reach.js'
import { isInSurroundedMap, surroundedFunctions } from './surround.js'

/** An application of a framework, where it is made: the place to put the request's signal around its handlers. */
export interface AppCreation {
  readonly file: string
  readonly library: string
  readonly establish: Establish
  readonly binding: Binding
  readonly site: CallSite
}

/**
 * Frameworks whose applications register the runtime's middleware or plugin, by the library's name, and
 * those that are mounted in them.
 */
export function establishedLibraries(analysis: Analysis): ReadonlySet<string> {
  const r = analysis.resolver
  const found = new Set<string>()
  for (const [file, facts] of r.files) {
    if (!facts.modules.some((each) => each.startsWith('@ctx-fix/runtime'))) continue
    for (const { expr } of facts.calls) {
      const call = facts.exprs[expr]
      const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'member') continue
      if (!call.args.some((arg) => isMiddleware(analysis, file, arg))) continue
      for (const value of r.expr(file, callee.object))
        if (value.k === 'lib' && establishOf(value)?.chained !== true) found.add(value.lib.name)
    }
  }
  const starts = findChainStarts(analysis)
  for (const { library } of starts)
    if (starts.every((each) => each.library !== library || each.isEstablished)) found.add(library)
  for (const [library, hosts] of mountedIn(analysis))
    if ([...hosts].every((each) => found.has(each))) found.add(library)
  return found
}

function establishOf(value: Value): Establish | undefined {
  return value.k === 'lib' ? entityOf(value.lib, value.entity)?.establish : undefined
}

/** The frameworks that a library is mounted in by what the program imports: tRPC in express. */
export function mountedIn(analysis: Analysis): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  const { catalog } = analysis.resolver
  for (const library of catalog.libraries)
    for (const [module, host] of Object.entries(library.mounts ?? {}))
      for (const [, facts] of analysis.resolver.files)
        if (facts.modules.includes(module) && !analysis.isExempt(facts.path))
          found.set(library.name, (found.get(library.name) ?? new Set()).add(host))
  return found
}

/** Where a chain of a builder starts: `t.procedure`. */
export interface ChainStart {
  readonly file: string
  readonly library: string
  readonly establish: Establish
  readonly span: Span
  /** The runtime's middleware is in the chain already. */
  readonly isEstablished: boolean
}

export function findChainStarts(analysis: Analysis): ChainStart[] {
  const r = analysis.resolver
  const names = new Set(r.catalog.libraries.flatMap(chainedMembers))
  const found: ChainStart[] = []
  for (const [file, facts] of r.files) {
    if (analysis.isExempt(facts.path)) continue
    const established = establishedRoots(analysis, file)
    facts.exprs.forEach((expr, id) => {
      if (expr.k !== 'member' || !names.has(expr.name)) return
      for (const value of r.expr(file, id)) {
        const establish = establishOf(value)
        if (value.k !== 'lib' || establish?.chained !== true) continue
        const isEstablished = established.has(id)
        found.push({ file, library: value.lib.name, establish, span: expr, isEstablished })
        return
      }
    })
  }
  return found
}

/** Names of the members that give a builder: `procedure`. */
function chainedMembers(library: Library): string[] {
  return Object.values(library.entities).flatMap(({ members = {} }) =>
    Object.entries(members).flatMap(([name, { type, returns }]) => {
      const entity = type === undefined ? undefined : entityOf(library, type.split('<')[0] ?? '')
      return returns === undefined && entity?.establish?.chained === true ? [name] : []
    }),
  )
}

/** The expressions at the root of each chain that takes the runtime's middleware: `t.procedure` of `t.procedure.use(ctxSignal())`. */
function establishedRoots(analysis: Analysis, file: string): ReadonlySet<ExprId> {
  const { exprs, calls, modules } = analysis.resolver.program.facts(file)
  const roots = new Set<ExprId>()
  if (!modules.some((each) => each.startsWith('@ctx-fix/runtime'))) return roots
  for (const site of calls) {
    const call = exprs[site.expr]
    if (call?.k !== 'call' || !call.args.some((arg) => isMiddleware(analysis, file, arg))) continue
    for (let at = call.callee; ;) {
      const expr = exprs[at]
      if (expr?.k === 'member') {
        roots.add(at)
        at = expr.object
      } else if (expr?.k === 'call') at = expr.callee
      else break
    }
  }
  return roots
}

function isMiddleware(analysis: Analysis, file: string, arg: ExprId): boolean {
  return analysis.resolver
    .expr(file, arg)
    .some((each) => isLibrary(each, '@ctx-fix/runtime', 'CtxSignal'))
}

/**
 * Applications made in a variable: `const app = express()`. One that a function of the program gives
 * (`const app = buildApp()`) has its routes by then, so that counts only where it is made in no variable.
 */
export function findAppCreations(analysis: Analysis): AppCreation[] {
  const r = analysis.resolver
  const found: AppCreation[] = []
  const given: AppCreation[] = []
  for (const [file, facts] of r.files) {
    if (analysis.isExempt(facts.path)) continue
    for (const binding of facts.bindings) {
      if (binding.init === undefined || binding.path.length > 0 || binding.param) continue
      const site = creationSite(analysis, file, binding.init)
      if (!site) continue
      for (const value of r.binding(file, binding)) {
        const establish = establishOf(value)
        if (establish && establish.chained !== true && value.k === 'lib')
          (isOwnCall(r, file, site) ? given : found).push({
            file,
            library: value.lib.name,
            establish,
            binding,
            site,
          })
      }
    }
  }
  const made = new Set(found.map((each) => each.library))
  return [...found, ...given.filter((each) => !made.has(each.library))]
}

function isOwnCall(r: Resolver, file: string, { expr }: CallSite): boolean {
  const call = r.program.expr(file, expr)
  return call.k === 'call' && r.expr(file, call.callee).some((each) => each.k === 'fn')
}

/** Whether a file imports a framework whose applications take middleware of the runtime's. */
export function mayMakeApp({ program, catalog }: Resolver, file: string): boolean {
  return program.facts(file).modules.some((module) => {
    const entities = Object.values(catalog.byModule(module)?.entities ?? {})
    return entities.some((each) => each.establish !== undefined)
  })
}

/** The call at the root of an initializer, awaited or not; a variable that merely takes over an application has none. */
function creationSite(analysis: Analysis, file: string, init: ExprId): CallSite | undefined {
  const { exprs, calls } = analysis.resolver.program.facts(file)
  let id = init
  for (let expr = exprs[id]; expr?.k === 'await' || expr?.k === 'as'; expr = exprs[id]) id = expr.of
  if (isChainOfRoutes(analysis.resolver, file, id)) return undefined
  return calls.find((each) => each.expr === id)
}

/** `new Hono().get('/', handler)`: middleware that is added behind it comes too late for its routes. */
function isChainOfRoutes(r: Resolver, file: string, id: ExprId): boolean {
  const call = r.program.expr(file, id)
  const callee = call.k === 'call' ? r.program.expr(file, call.callee) : undefined
  if (call.k !== 'call' || callee?.k !== 'member') return false
  return (
    r.expr(file, call.callee).some((each) => libraryCall(each)?.member.entry !== undefined) ||
    isChainOfRoutes(r, file, callee.object)
  )
}

/** Tells the entry points around which a signal is put: by their application, or by a wrapper of their own. */
export function establishment(analysis: Analysis): (entry: EntryPoint) => boolean {
  const established = establishedLibraries(analysis)
  const covered = coveredBy(analysis.resolver, established)
  const surrounded = surroundedFunctions(analysis.resolver)
  return (entry) =>
    established.has(entry.library) ||
    (!entry.registered && covered.has(entry.library)) ||
    surrounded.has(fnKey(entry)) ||
    isInSurroundedMap(analysis.resolver, entry)
}

/** Entry points from which a database can be reached and around which no signal is put. */
export function unestablishedEntries(analysis: Analysis): readonly EntryPoint[] {
  const isEstablished = establishment(analysis)
  const missing = new Set(
    analysis.judgements
      .filter(({ verdict }) => verdict === 'lost' || verdict === 'wanting')
      .filter(
        ({ node }) => node.sink?.library.kind === 'database' && node.sink.spec.effect === 'cancels',
      )
      .map(({ node }) => node.id),
  )
  const found = new Set<EntryPoint>()
  for (const [sink, entries] of entryPointsBySink(analysis))
    for (const entry of entries)
      if (missing.has(sink) && !isEstablished(entry) && !analysis.isExempt(entry.file))
        found.add(entry)
  return [...found]
}

function coveredBy(r: Resolver, established: ReadonlySet<string>): ReadonlySet<string> {
  const covers = [...established].flatMap((name) =>
    Object.values(r.catalog.byName(name)?.entities ?? {}).flatMap(
      (entity) => entity.establish?.covers ?? [],
    ),
  )
  return new Set(covers)
}
