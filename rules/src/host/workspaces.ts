import type { Catalog, Program } from '@ctx-fix/core'
import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import { askChecker } from './typed.js'
import { Workspace } from './workspace.js'

const untyped = {}
/** By the checker's program, as its answers are kept, and by catalog. */
const workspaces = new WeakMap<object, Map<Catalog, Workspace>>()

export function workspaceFor(
  catalog: Catalog,
  services: ParserServicesWithTypeInformation | undefined,
): Workspace {
  const key = services?.program ?? untyped
  const group = workspaces.get(key) ?? new Map<Catalog, Workspace>()
  workspaces.set(key, group)
  let workspace = group.get(catalog)
  if (!workspace) {
    const makeAsk = services && ((program: Program) => askChecker(services, program, catalog))
    workspace = new Workspace(catalog, makeAsk)
    group.set(catalog, workspace)
  }
  return workspace
}
