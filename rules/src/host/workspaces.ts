import type { Catalog, DescribedModules, Program } from '@ctx-fix/core'
import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import { askChecker } from './typed.js'
import { Workspace } from './workspace.js'

const untyped = {}
/** By the checker's program, as its answers are kept; in it each has its own catalog and settings. */
const workspaces = new WeakMap<object, Workspace[]>()

export function workspaceFor(
  catalog: Catalog,
  described: DescribedModules,
  services: ParserServicesWithTypeInformation | undefined,
): Workspace {
  const key = services?.program ?? untyped
  const group = workspaces.get(key) ?? []
  workspaces.set(key, group)
  let workspace = group.find((each) => each.catalog === catalog && each.described === described)
  if (!workspace) {
    const makeAsk = services && ((program: Program) => askChecker(services, program, catalog))
    workspace = new Workspace(catalog, described, makeAsk)
    group.push(workspace)
  }
  return workspace
}
