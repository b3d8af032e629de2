import { existsSync, readFileSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import {
  createCatalog,
  describedModules,
  findSettingsProblem,
  libraries,
  ownLibraries,
  readProject,
  type Catalog,
  type CommonSettings,
  type DescribedModules,
  type Library,
  type OwnLibrary,
} from '@ctx-fix/core'
import type { Context } from './eslint.js'

/** `settings.ctx` of the configuration: what all rules share, as they share one analysis. */
export type CtxSettings = CommonSettings

/** Building a catalog reads every entry, so one serves all projects that have the same installed. */
interface Known {
  readonly libraries: readonly Library[]
  readonly byFolder: Map<string, Catalog>
  readonly byProject: Map<string, Catalog>
  readonly described: Map<string, DescribedModules>
}

const none: CtxSettings = {}
const noLibraries: readonly OwnLibrary[] = []
const checked = new WeakSet<object>([none])
const knownByList = new WeakMap<readonly OwnLibrary[], Known>()
const knownByText = new Map<string, Known>()

/**
 * @throws {TypeError} where a setting has not the form that it should have; the message names it. A slip would
 *   otherwise recognise nothing, and nothing would tell.
 */
export function settingsOf(context: Context): CtxSettings {
  const own = (context.settings as { ctx?: unknown } | undefined)?.ctx
  if (own === undefined) return none
  if (typeof own === 'object' && own !== null && checked.has(own)) return own
  const problem = findSettingsProblem(own)
  if (problem !== undefined) throw new TypeError(`eslint-plugin-ctx: ${problem}`)
  checked.add(own as object)
  return own as CtxSettings
}

/**
 * The catalog as it is for a file's project. What is installed does not change while a linter runs; an
 * editor sees it after a restart.
 */
export function catalogOf(context: Context): Catalog {
  const own = knownFor(settingsOf(context).libraries ?? noLibraries)
  const folder = dirname(context.filename).replaceAll(sep, '/')
  let catalog = own.byFolder.get(folder)
  if (!catalog) {
    const project = readProject(folder, [...own.libraries, ...libraries], readText)
    const { versions, dependencies, runtime } = project
    const key = JSON.stringify([[...versions], dependencies && [...dependencies], runtime])
    catalog = own.byProject.get(key) ?? createCatalog(own.libraries, project)
    own.byProject.set(key, catalog)
    own.byFolder.set(folder, catalog)
  }
  return catalog
}

/** Own files that the settings describe; their paths start from the folder that the linter runs in. */
export function describedOf(context: Context): DescribedModules {
  const { libraries: own, described } = knownFor(settingsOf(context).libraries ?? noLibraries)
  const found = described.get(context.cwd) ?? describedModules(own, context.cwd)
  described.set(context.cwd, found)
  return found
}

/** By their text: a linter may read the same settings anew for each file. */
function knownFor(own: readonly OwnLibrary[]): Known {
  let known = knownByList.get(own)
  if (!known) {
    const key = JSON.stringify(own)
    known = knownByText.get(key) ?? {
      libraries: ownLibraries(own),
      byFolder: new Map(),
      byProject: new Map(),
      described: new Map(),
    }
    knownByText.set(key, known)
    knownByList.set(own, known)
  }
  return known
}

/** What is found missing for one folder is asked again for the next. */
const texts = new Map<string, string | undefined>()

function readText(path: string): string | undefined {
  if (!texts.has(path)) texts.set(path, read(path))
  return texts.get(path)
}

function read(path: string): string | undefined {
  // The way by an error is a slow one.
  if (!existsSync(path)) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
