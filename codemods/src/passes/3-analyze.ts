import { relative, resolve } from 'node:path'
import {
  analyze,
  createCatalog,
  isExemptPath,
  Program,
  type Analysis,
  type FileFacts,
  type Library,
  type Links,
  type Project,
} from '@ctx-fix/core'
import picomatch from 'picomatch'

export interface AnalyzeSettings {
  readonly root: string
  readonly signalNames?: readonly string[]
  readonly libraries?: readonly Library[]
  /** What the project has installed. */
  readonly project: Project
  /** Tests, besides what is a test by its name. */
  readonly testGlobs?: readonly string[]
  /** The folder that the globs start from; `root` where it is not given. */
  readonly globsFrom?: string | undefined
}

/** Calls, entry points and signals of the whole program. */
export function analyzeProgram(
  facts: ReadonlyMap<string, FileFacts>,
  links: Links,
  settings: AnalyzeSettings,
): Analysis {
  const { root, signalNames, libraries, project, testGlobs = [], globsFrom = root } = settings
  const matches = testGlobs.map((glob) => picomatch(glob, { dot: true }))
  const isTest = (path: string) => matches.some((each) => each(within(globsFrom, path)))
  const own = describedModules(libraries ?? [], globsFrom)
  const { followed, described } = splitLinks(links, own)
  return analyze(new Program(facts, followed, described), {
    catalog: createCatalog(libraries, project),
    isExempt: (path) => isExemptPath(within(root, path)) || isTest(path),
    ...(signalNames ? { signalNames } : {}),
  })
}

/** Modules of the program that the configuration describes (`./src/db.ts`), by their paths without extensions. */
function describedModules(
  libraries: readonly Library[],
  folder: string,
): ReadonlyMap<string, string> {
  const modules = libraries.flatMap((each) => each.modules)
  return new Map(
    modules
      .filter((each) => each.startsWith('./'))
      .map((each) => [withoutExtension(resolve(folder, each)), each]),
  )
}

/** What is described is not followed to its source. */
function splitLinks(
  links: Links,
  own: ReadonlyMap<string, string>,
): { readonly followed: Links; readonly described: Links } {
  if (own.size === 0) return { followed: links, described: new Map() }
  const nameOf = (path: string): string | undefined => own.get(withoutExtension(path))
  const described = [...links].map(([file, targets]) => {
    const named = [...targets].flatMap(([specifier, path]) => {
      const name = nameOf(path)
      return name === undefined ? [] : [[specifier, name] as const]
    })
    return [file, new Map(named)] as const
  })
  const followed = [...links].map(([file, targets]) => {
    const left = [...targets].filter(([, path]) => nameOf(path) === undefined)
    return [file, new Map(left)] as const
  })
  return { followed: new Map(followed), described: new Map(described) }
}

function withoutExtension(path: string): string {
  return path.replace(/(?:[/\\]index)?\.[cm]?[jt]sx?$/, '')
}

function within(folder: string, path: string): string {
  return relative(folder, path).replaceAll('\\', '/')
}
