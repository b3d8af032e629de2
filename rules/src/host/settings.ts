import { readFileSync } from 'node:fs'
import { dirname, sep } from 'node:path'
import { createCatalog, libraries, readProject, type Catalog, type Library } from '@ctx-fix/core'
import type { Context } from './eslint.js'

/** `settings.ctx` of the configuration: what all rules share, as they share one analysis. */
export interface CtxSettings {
  /** Names that stand for a signal where there are no types. */
  readonly signalNames?: readonly string[]
  /** Libraries of one's own, in the shape of the catalog. */
  readonly libraries?: readonly Library[]
  /** Signal parameters (the default), or a signal that surrounds each request. */
  readonly propagation?: 'explicit' | 'ambient'
}

const noLibraries: readonly Library[] = []

/** Building a catalog reads every entry, so one serves all projects that have the same installed. */
interface Known {
  readonly byFolder: Map<string, Catalog>
  readonly byProject: Map<string, Catalog>
}

const known = new WeakMap<readonly Library[], Known>()

export function settingsOf(context: Context): CtxSettings {
  const own = (context.settings as { ctx?: unknown }).ctx
  return typeof own === 'object' && own !== null ? own : {}
}

/**
 * The catalog as it is for a file's project. What is installed does not change while a linter runs; an
 * editor sees it after a restart.
 */
export function catalogOf(context: Context): Catalog {
  const own = settingsOf(context).libraries ?? noLibraries
  const { byFolder, byProject } = knownFor(own)
  const folder = dirname(context.filename).replaceAll(sep, '/')
  let catalog = byFolder.get(folder)
  if (!catalog) {
    const project = readProject(folder, [...own, ...libraries], readText)
    const key = JSON.stringify([...project.versions, project.runtime])
    catalog = byProject.get(key) ?? createCatalog(own, project)
    byProject.set(key, catalog)
    byFolder.set(folder, catalog)
  }
  return catalog
}

function knownFor(own: readonly Library[]): Known {
  const found = known.get(own) ?? { byFolder: new Map<string, Catalog>(), byProject: new Map() }
  known.set(own, found)
  return found
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
