import { loadConfig } from '../config/load.js'
import { findProjects } from '../discovery/projects.js'
import { joinProjects } from '../discovery/workspace.js'
import type { ProjectInput } from '../host.js'
import type { CheckOptions } from './options.js'

/**
 * What to ask of the host, from the command line and the configuration: one input for a project, and for all
 * that build on one another under the same configuration.
 */
export async function collectInputs(
  paths: readonly string[],
  options: CheckOptions,
  cwd: string,
): Promise<ProjectInput[]> {
  const projects = findProjects(paths.length > 0 ? paths : ['.'], {
    cwd,
    tsconfig: options.tsconfig,
  })
  const inputs: ProjectInput[] = []
  for (const project of projects) {
    const loaded = await loadConfig({ root: project.root, file: options.config, cwd })
    const { noSignalInScope = loaded.config.noSignalInScope } = options
    const config = noSignalInScope ? { ...loaded.config, noSignalInScope } : loaded.config
    inputs.push({ ...project, ...loaded, config })
  }
  return joinProjects(inputs, (a, b) => a.globsFrom === b.globsFrom)
}
