import { entityOf } from '../catalog/index.js'
import type { Establish } from '../catalog/types.js'
import type { Binding, CallSite, ExprId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary } from '../resolve/values.js'
import type { Analysis } from './analysis.js'
import type { EntryPoint } from './model.js'
import { entryPointsBySink } from './reach.js'

/** An application of a framework, where it is made: the place to put the request's signal around its handlers. */
export interface AppCreation {
  readonly file: string
  readonly library: string
  readonly establish: Establish
  readonly binding: Binding
  readonly site: CallSite
}

/** Frameworks whose applications register the runtime's middleware or plugin, by the library's name. */
export function establishedLibraries(analysis: Analysis): ReadonlySet<string> {
  const r = analysis.resolver
  const found = new Set<string>()
  for (const [file, facts] of r.program.files) {
    if (!facts.modules.some((each) => each.startsWith('@ctx-fix/runtime'))) continue
    for (const { expr } of facts.calls) {
      const call = facts.exprs[expr]
      const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'member') continue
      if (!call.args.some((arg) => isMiddleware(analysis, file, arg))) continue
      for (const value of r.expr(file, callee.object))
        if (value.k === 'lib') found.add(value.lib.name)
    }
  }
  return found
}

function isMiddleware(analysis: Analysis, file: string, arg: ExprId): boolean {
  return analysis.resolver
    .expr(file, arg)
    .some((each) => isLibrary(each, '@ctx-fix/runtime', 'CtxSignal'))
}

/** Applications made in a variable: `const app = express()`. */
export function findAppCreations(analysis: Analysis): AppCreation[] {
  const r = analysis.resolver
  const found: AppCreation[] = []
  for (const [file, facts] of r.program.files) {
    if (analysis.isExempt(facts.path)) continue
    for (const binding of facts.bindings) {
      if (binding.init === undefined || binding.path.length > 0 || binding.param) continue
      const site = creationSite(analysis, file, binding.init)
      if (!site) continue
      for (const value of r.binding(file, binding)) {
        const establish =
          value.k === 'lib' ? entityOf(value.lib, value.entity)?.establish : undefined
        if (establish && value.k === 'lib')
          found.push({ file, library: value.lib.name, establish, binding, site })
      }
    }
  }
  return found
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

/** Entry points from which a database can be reached and around which no signal is put. */
export function unestablishedEntries(analysis: Analysis): readonly EntryPoint[] {
  const established = establishedLibraries(analysis)
  const covered = coveredBy(analysis.resolver, established)
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
      if (
        missing.has(sink) &&
        !established.has(entry.library) &&
        (entry.registered || !covered.has(entry.library)) &&
        !analysis.isExempt(entry.file)
      )
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
