import { append } from '../append.js'
import { oncePer } from '../once-per.js'
import type { Analysis } from './analysis.js'
import { carrierKey, frameworkValue, madeBy, type CarrierKey } from './carriers.js'
import { findAppCreations, mayMakeApp } from './applications.js'
import { findChainStarts } from './chain-starts.js'
import {
  findMounts,
  isMiddleware,
  middlewareUses,
  type MiddlewareUse,
  type Position,
} from './middleware.js'
import type { EntryPoint } from './model.js'

/** Around what the program puts a signal by middleware. */
export interface Coverage {
  /** Frameworks that have an application with it, or are mounted in one that has. */
  readonly libraries: ReadonlySet<string>
  /** Whether it runs around an entry point. */
  readonly covers: (entry: EntryPoint) => boolean
  /** The applications in which it is missing around one; whether it can be tied to any. */
  readonly rootsOf: (entry: EntryPoint) => {
    readonly roots: readonly CarrierKey[]
    readonly isTied: boolean
  }
  /** Whether an application is a part of others. */
  readonly isMounted: (key: CarrierKey) => boolean
}

export const coverageOf = oncePer(findCoverage)

function findCoverage(analysis: Analysis): Coverage {
  const r = analysis.resolver
  const uses = middlewareUses(analysis)
  const mounts = findMounts(analysis)
  const listed = listedApps(analysis)
  const apps = new Set(findAppCreations(analysis).map((each) => each.key))
  const libraries = librariesOf(
    analysis,
    uses.filter((each) => !each.carriers.some((key) => mounts.has(key))),
  )
  /** Frameworks with middleware on an application that is handed in from elsewhere: any may be meant. */
  const somewhere = new Set(
    uses.flatMap((each) => (each.isApp && each.carriers.length === 0 ? each.library : [])),
  )
  const usesOf = new Map<CarrierKey, MiddlewareUse[]>()
  for (const use of uses) for (const key of use.carriers) append(usesOf, key, use)

  /** Where it is missing around what is registered on one; nothing where it is unknown what that is a part of. */
  const missingAround = (
    key: CarrierKey,
    at: Position,
    library: string,
    seen: ReadonlySet<CarrierKey>,
  ): readonly (CarrierKey | undefined)[] => {
    if (seen.has(key)) return []
    if (usesOf.get(key)?.some((use) => isAround(use, at)) === true) return []
    const within = mounts.get(key) ?? []
    if (within.length === 0 || listed.has(key)) {
      if (apps.has(key) && !listed.has(key)) return [key]
      return libraries.has(library) ? [] : [undefined]
    }
    const around = new Set([...seen, key])
    return within.flatMap((mount) => {
      if (mount.hosts.length === 0) return libraries.has(library) ? [] : [undefined]
      return mount.hosts.flatMap((host) => missingAround(host, mount, library, around))
    })
  }
  const missingFor = (entry: EntryPoint): readonly (CarrierKey | undefined)[] => {
    const { library, registeredBy = [] } = entry
    if (somewhere.has(library)) return []
    const untied = libraries.has(library) ? [] : [undefined]
    if (registeredBy.length === 0) return untied
    return registeredBy.flatMap(({ file, site }) => {
      const call = r.program.expr(file, site.expr)
      if (call.k !== 'call') return untied
      if (call.args.some((arg) => isMiddleware(analysis, file, arg))) return []
      const callee = r.program.expr(file, call.callee)
      const carriers = callee.k === 'member' ? madeBy(r, { file, expr: callee.object }) : []
      if (carriers.length === 0) return untied
      return carriers.flatMap((each) =>
        missingAround(carrierKey(each), { file, site }, library, new Set()),
      )
    })
  }
  return {
    libraries,
    covers: (entry) => missingFor(entry).length === 0,
    rootsOf: (entry) => {
      const missing = missingFor(entry)
      const roots = missing.flatMap((each) => each ?? [])
      return { roots: [...new Set(roots)], isTied: !missing.includes(undefined) }
    },
    isMounted: (key) => mounts.has(key),
  }
}

/** What is registered on the same one before it, in the same function, does not run inside it. */
function isAround(use: MiddlewareUse, { file, site }: Position): boolean {
  if (use.isAnyOrder || use.file !== file || use.site.fn !== site.fn) return true
  return use.site.close < site.close
}

function librariesOf(analysis: Analysis, uses: readonly MiddlewareUse[]): ReadonlySet<string> {
  const found = new Set(uses.flatMap((each) => (each.isApp ? each.library : [])))
  const starts = findChainStarts(analysis)
  for (const { library } of starts)
    if (starts.every((each) => each.library !== library || each.isEstablished)) found.add(library)
  for (const [library, hosts] of mountedIn(analysis))
    if ([...hosts].every((each) => found.has(each))) found.add(library)
  return found
}

/** Applications that are put in a list, from which something mounts them: `[users, posts].forEach(…)`. */
function listedApps(analysis: Analysis): ReadonlySet<CarrierKey> {
  const r = analysis.resolver
  const found = new Set<CarrierKey>()
  for (const [file, { exprs, path }] of r.files) {
    if (analysis.isExempt(path) || !mayMakeApp(r, file)) continue
    for (const list of exprs)
      for (const expr of list.k === 'arr' ? list.of : [])
        if (frameworkValue(r, { file, expr }))
          for (const each of madeBy(r, { file, expr })) found.add(carrierKey(each))
  }
  return found
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
