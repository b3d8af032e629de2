import type { ts } from 'ts-morph'
import type { Compiler } from './compiler.js'
import { withDefaultsOf } from './option-defaults.js'
import { resolvePath } from './paths.js'

/** One tsconfig, read. */
export interface ProjectConfig {
  readonly path: string
  readonly options: ts.CompilerOptions
  readonly fileNames: readonly string[]
  readonly references: readonly ts.ProjectReference[]
  /** The tsconfig files that it references. */
  readonly referencedPaths: readonly string[]
}

/** A tsconfig that is missing or cannot be read. */
export class UnreadableConfigError extends Error {
  override readonly name = 'UnreadableConfigError'
}

/** Reads tsconfigs and everything that they reference, nearest first. */
export function readProjects(
  compiler: Compiler,
  tsconfigPaths: readonly string[],
): ProjectConfig[] {
  const projects = new Map<string, ProjectConfig>()
  const queue = tsconfigPaths.map(resolvePath)
  for (const path of queue) {
    if (projects.has(path)) continue
    const project = readProject(compiler, path)
    projects.set(path, project)
    queue.push(...project.referencedPaths)
  }
  return [...projects.values()]
}

/** The projects that contain one of `files`, and those that build on them. */
export function affectedProjects(
  projects: readonly ProjectConfig[],
  files: ReadonlySet<string>,
): ProjectConfig[] {
  const affected = new Set(
    projects
      .filter(({ fileNames }) => fileNames.some((file) => files.has(file)))
      .map(({ path }) => path),
  )
  for (let size = -1; size !== affected.size;) {
    size = affected.size
    for (const { path, referencedPaths } of projects) {
      if (referencedPaths.some((referenced) => affected.has(referenced))) affected.add(path)
    }
  }
  return projects.filter(({ path }) => affected.has(path))
}

function readProject(compiler: Compiler, path: string): ProjectConfig {
  const { ts } = compiler
  let fatal: ts.Diagnostic | undefined
  const parsed = ts.getParsedCommandLineOfConfigFile(path, undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      fatal = diagnostic
    },
  })
  if (!parsed || fatal) {
    const text = fatal && ts.flattenDiagnosticMessageText(fatal.messageText, '\n')
    throw new UnreadableConfigError(`${path} cannot be read${text ? `: ${text}` : ''}`)
  }
  const references = parsed.projectReferences ?? []
  return {
    path,
    options: withDefaultsOf(compiler, parsed.options),
    fileNames: parsed.fileNames,
    references,
    referencedPaths: references.map((reference) =>
      resolvePath(ts.resolveProjectReferencePath(reference)),
    ),
  }
}
