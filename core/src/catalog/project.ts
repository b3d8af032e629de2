import type { Condition, Library } from './types.js'

/** What a project has installed, as far as the catalog depends on it. */
export interface Project {
  /** Versions by package; under `node` the oldest that the project runs on. What is not in it is not known. */
  readonly versions: ReadonlyMap<string, string>
  /** Of the packages that the catalog asks about, those that its manifests name; undefined where there is none. */
  readonly dependencies?: ReadonlySet<string>
  /** Whether signals reach the server through the runtime. */
  readonly runtime: boolean
}

/** The library as it is in this project. */
export function libraryIn(library: Library, project: Project): Library {
  const fitting = (library.variants ?? []).filter(({ when }) => holds(when, project))
  if (fitting.length === 0) return library
  const entities = fitting.reduce((all, each) => ({ ...all, ...each.entities }), library.entities)
  return { ...library, entities }
}

/** What holds in all the packages of a workspace: of several versions the oldest. */
export function joinProjects(projects: readonly Project[]): Project {
  const versions = new Map<string, string>()
  for (const [name, version] of projects.flatMap((each) => [...each.versions])) {
    const known = versions.get(name)
    if (known === undefined || compareVersions(version, known) < 0) versions.set(name, version)
  }
  const lists = projects.flatMap((each) => each.dependencies ?? [])
  return {
    versions,
    ...(lists.length === 0 ? {} : { dependencies: new Set(lists.flatMap((each) => [...each])) }),
    runtime: projects.some((each) => each.runtime),
  }
}

/** Of a version that is not known nothing holds. */
function holds(when: Condition, { versions, dependencies, runtime }: Project): boolean {
  if (when.runtime === true && !runtime) return false
  if (when.without !== undefined && dependencies?.has(when.without) !== false) return false
  if (when.withOneOf?.some((each) => dependencies?.has(each)) === false) return false
  if (when.package === undefined) return true
  const version = versions.get(when.package)
  if (version === undefined) return false
  return (
    (when.from === undefined || compareVersions(version, when.from) >= 0) &&
    (when.before === undefined || compareVersions(version, when.before) < 0)
  )
}

/** By the numbers alone: what a release candidate has, its release has. */
function compareVersions(a: string, b: string): number {
  const left = numbersOf(a)
  const right = numbersOf(b)
  const at = left.findIndex((each, index) => each !== right[index])
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0)
}

function numbersOf(version: string): readonly [number, number, number] {
  const [, major, minor, patch] = /(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? []
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)]
}

/** Reads a file, or gives undefined where there is none. */
export type ReadText = (path: string) => string | undefined

const runtimePackage = '@ctx-fix/runtime'

/**
 * What the manifests in a folder and above it say, and those of the packages that are linked into it: of an installed
 * package its own version, else the lowest that the range in the project's manifest allows.
 *
 * @param folder absolute, with slashes.
 */
export function readProject(
  folder: string,
  libraries: readonly Library[],
  readText: ReadText,
): Project {
  const above = foldersFrom(folder)
  const own = manifestsIn(above, readText)
  const folders = [...above, ...linkedFolders(own, above, readText)]
  const manifests = manifestsIn(folders, readText)
  const listed = new Set(manifests.flatMap(namesIn))
  const versions = new Map<string, string>()
  for (const name of packagesAsked(libraries)) {
    const version =
      name === 'node' ? oldestNode(own) : versionOf(name, folders, manifests, readText)
    if (version !== undefined) versions.set(name, version)
  }
  return {
    versions,
    ...(manifests.length === 0 ? {} : { dependencies: named(listed, libraries) }),
    runtime: manifests.some((each) => rangeIn(each, runtimePackage) !== undefined),
  }
}

/** Packages of the same workspace that it depends on: a client that one of these makes is of the version that they name. */
function linkedFolders(
  manifests: readonly Manifest[],
  folders: readonly string[],
  readText: ReadText,
): readonly string[] {
  return manifests
    .flatMap((each) => namesIn(each).filter((name) => isLinked(rangeIn(each, name))))
    .flatMap((name) => folders.map((each) => `${each}/node_modules/${name}`))
    .filter((each) => readManifest(`${each}/package.json`, readText) !== undefined)
}

/** `workspace:*` of pnpm, Yarn and Bun, and `*`, as npm's workspaces have it. */
function isLinked(range: unknown): boolean {
  return typeof range === 'string' && /^(?:workspace:|file:|link:|portal:|\*$)/.test(range)
}

function manifestsIn(folders: readonly string[], readText: ReadText): readonly Manifest[] {
  return folders.flatMap((each) => readManifest(`${each}/package.json`, readText) ?? [])
}

function packagesAsked(libraries: readonly Library[]): ReadonlySet<string> {
  return new Set(
    libraries.flatMap(({ variants = [], conventions }) => [
      ...variants.flatMap(({ when }) => when.package ?? []),
      ...(conventions?.packages ?? []),
    ]),
  )
}

/** Of the packages that conditions name: what else is listed makes no other catalog. */
function named(listed: ReadonlySet<string>, libraries: readonly Library[]): ReadonlySet<string> {
  const asked = libraries.flatMap(({ variants = [] }) =>
    variants.flatMap(({ when: { withOneOf = [], without } }) =>
      [...withOneOf, without ?? []].flat(),
    ),
  )
  return new Set(asked.filter((each) => listed.has(each)))
}

function versionOf(
  name: string,
  folders: readonly string[],
  manifests: readonly Manifest[],
  readText: ReadText,
): string | undefined {
  for (const folder of folders) {
    const installed = readManifest(`${folder}/node_modules/${name}/package.json`, readText)
    if (typeof installed?.version === 'string') return installed.version
  }
  return manifests.map((each) => lowest(rangeIn(each, name))).find((each) => each !== undefined)
}

function oldestNode(manifests: readonly Manifest[]): string | undefined {
  return manifests.map((each) => lowest(each.engines?.['node'])).find((each) => each !== undefined)
}

interface Manifest {
  readonly version?: unknown
  readonly engines?: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, unknown>>
  readonly devDependencies?: Readonly<Record<string, unknown>>
  readonly peerDependencies?: Readonly<Record<string, unknown>>
}

function readManifest(path: string, readText: ReadText): Manifest | undefined {
  const text = readText(path)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function namesIn({ dependencies, devDependencies, peerDependencies }: Manifest): string[] {
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies })
}

function rangeIn(manifest: Manifest, name: string): unknown {
  return (
    manifest.dependencies?.[name] ??
    manifest.devDependencies?.[name] ??
    manifest.peerDependencies?.[name]
  )
}

/** The lowest version of a range, as ranges are written: `^1.2.3`, `>=18 <25`, `20 || 22`. */
function lowest(range: unknown): string | undefined {
  if (typeof range !== 'string' || /^\s*</.test(range)) return undefined
  return /\d+(?:\.\d+)*/.exec(range)?.[0]
}

function foldersFrom(folder: string): string[] {
  const parts = folder.split('/')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
}
