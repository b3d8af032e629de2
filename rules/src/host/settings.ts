import { createCatalog, type Catalog, type Library } from '@ctx-fix/core'
import type { Context } from './eslint.js'

/** `settings.ctx` of the configuration: what all rules share, as they share one analysis. */
export interface CtxSettings {
  /** Names that stand for a signal where there are no types. */
  readonly signalNames?: readonly string[]
  /** Libraries of one's own, in the shape of the catalog. */
  readonly libraries?: readonly Library[]
}

const plain = createCatalog()
const extended = new WeakMap<readonly Library[], Catalog>()

export function settingsOf(context: Context): CtxSettings {
  const own = (context.settings as { ctx?: unknown }).ctx
  return typeof own === 'object' && own !== null ? own : {}
}

/** One catalog for each list of libraries: building one reads every entry. */
export function catalogOf({ libraries }: CtxSettings): Catalog {
  if (!libraries || libraries.length === 0) return plain
  let catalog = extended.get(libraries)
  if (!catalog) {
    catalog = createCatalog(libraries)
    extended.set(libraries, catalog)
  }
  return catalog
}
