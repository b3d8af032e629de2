import { append } from '../append.js'
import type { Analysis } from './analysis.js'
import { findAppCreations, type AppCreation } from './applications.js'
import type { Resolver } from '../resolve/resolver.js'
import { coverageOf, mountedIn } from './coverage.js'
import { fnKey, type EntryPoint } from './model.js'
import { entryPointsBySink } from './reach.js'
import { isInSurroundedMap, surroundOf, surroundedFunctions } from './surround.js'

/** Frameworks of which an application registers the runtime's middleware or plugin, and those that are mounted in them. */
export function establishedLibraries(analysis: Analysis): ReadonlySet<string> {
  return coverageOf(analysis).libraries
}

/** Tells the entry points around which a signal is put: by their application, or by a wrapper of their own. */
export function establishment(analysis: Analysis): (entry: EntryPoint) => boolean {
  const coverage = coverageOf(analysis)
  const covered = coveredBy(analysis.resolver, coverage.libraries)
  const surrounded = surroundedFunctions(analysis.resolver)
  return (entry) =>
    coverage.covers(entry) ||
    (!entry.registered && covered.has(entry.library)) ||
    surrounded.has(fnKey(entry)) ||
    isInSurroundedMap(analysis.resolver, entry)
}

/**
 * Entry points from which a database can be reached and around which no signal is put: where a statement gets
 * none, or all of them.
 */
export function unestablishedEntries(
  analysis: Analysis,
  which: 'open' | 'all' = 'open',
): readonly EntryPoint[] {
  const isEstablished = establishment(analysis)
  const missing = new Set(
    analysis.judgements
      .filter(
        ({ verdict }) =>
          verdict === 'lost' || verdict === 'wanting' || (which === 'all' && verdict === 'passed'),
      )
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

/** An application that has yet to put a signal around handlers, and those. */
export interface OpenApplication {
  readonly app: AppCreation
  readonly served: readonly EntryPoint[]
}

/**
 * The applications to which the middleware has to be added for open entry points: the outermost around what
 * they are registered on. Where that is not known, all of the framework's that are mounted in no other.
 */
export function openApplications(
  analysis: Analysis,
  open: readonly EntryPoint[],
): { readonly apps: readonly OpenApplication[]; readonly alone: readonly EntryPoint[] } {
  const { rootsOf, isMounted } = coverageOf(analysis)
  const serves = servedBy(analysis)
  const creations = findAppCreations(analysis)
  const byKey = new Map(creations.map((each) => [each.key, each]))
  const served = new Map<AppCreation, EntryPoint[]>()
  const alone: EntryPoint[] = []
  for (const entry of open) {
    const { roots, isTied } = rootsOf(entry)
    const own = roots.flatMap((key) => byKey.get(key) ?? [])
    const any = isTied
      ? []
      : creations.filter((each) => each.place && !isMounted(each.key) && serves(each, entry))
    const apps = new Set([...own, ...any])
    if (apps.size === 0) alone.push(entry)
    for (const app of apps) append(served, app, entry)
  }
  return { apps: creations.flatMap((app) => pairOf(app, served.get(app))), alone }
}

function pairOf(app: AppCreation, served: readonly EntryPoint[] | undefined): OpenApplication[] {
  return served ? [{ app, served }] : []
}

/** Whether middleware of an application runs around a handler: of its framework, or of one that is built on it or mounted in it. */
function servedBy(analysis: Analysis): (app: AppCreation, entry: EntryPoint) => boolean {
  const mounts = mountedIn(analysis)
  return ({ library, establish }, entry) => {
    const isCovered = establish.covers?.includes(entry.library) === true
    if (isCovered && !entry.registered) return true
    if (mounts.get(entry.library)?.has(library) === true) return true
    if (surroundOf(analysis.resolver.catalog, entry)) return false
    return isCovered || library === entry.library
  }
}
