import { relative } from 'node:path'
import {
  analyze,
  createCatalog,
  describedModules,
  isExemptPath,
  Program,
  splitLinks,
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

function within(folder: string, path: string): string {
  return relative(folder, path).replaceAll('\\', '/')
}
