import { dirname } from 'node:path'
import type { ImportNeed } from '@ctx-fix/core'
import type { RenderedFile } from '../../apply/materialize.js'
import { requireAbortSignal } from './abort-signal.js'
import { loadCompiler, type Compiler } from './compiler.js'
import { CompilerFiles, editedTexts } from './compiler-files.js'
import { resolvePath } from './paths.js'
import { affectedProjects, readProjects, type ProjectConfig } from './projects.js'
import { RuntimeMount, type RuntimeTypes } from './runtime-mount.js'
import { TypedProject } from './typed-project.js'

/** The programs behind a tsconfig, as far as the edits concern them. */
export interface OpenProject {
  readonly compiler: Compiler
  readonly files: CompilerFiles
  readonly programs: readonly TypedProject[]
  /** Edited files that no program contains: plain JavaScript without `allowJs`. */
  readonly unseen: readonly string[]
}

export interface OpenProjectOptions {
  readonly tsconfigPaths: readonly string[]
  readonly sources: ReadonlyMap<string, string>
  /** What the steps, all kept, make of the files. */
  readonly edited: ReadonlyMap<string, RenderedFile>
  readonly needs: readonly ImportNeed[]
  readonly runtimeTypes: RuntimeTypes
}

/**
 * Reads the tsconfigs, with what they reference, and loads the programs that the edits can affect. The
 * packages of a workspace are checked by one compiler, that of the first.
 */
export async function openProject(options: OpenProjectOptions): Promise<OpenProject> {
  const compiler = await loadCompiler(dirname(resolvePath(options.tsconfigPaths[0] ?? '')))
  const files = new CompilerFiles(compiler, new RuntimeMount(options.runtimeTypes, options.needs))
  files.lay(editedTexts(options.sources, options.edited))

  const configs = readProjects(compiler, options.tsconfigPaths)
  const edited = new Set([...options.edited.keys()].map(resolvePath))
  const listed = new Set(configs.flatMap(({ fileNames }) => fileNames))
  // A file that is listed nowhere may be imported from anywhere.
  const concerned = [...edited].every((file) => listed.has(file))
    ? affectedProjects(configs, edited)
    : configs
  const programs = concerned
    // One without files of its own only lists references.
    .filter(({ fileNames }) => fileNames.length > 0)
    .map((config) => new TypedProject(compiler.ts, config, files, isForeignTo(config, listed)))
  const unseen = includeRest(
    programs,
    [...edited].filter((file) => !listed.has(file)),
  )
  for (const program of programs) {
    if ([...edited].some((file) => program.contains(file))) {
      requireAbortSignal(compiler.ts, program.program, program.path)
    }
  }
  return { compiler, files, programs, unseen }
}

/** Gives TypeScript files that no program contains to the program nearest to them. */
function includeRest(programs: readonly TypedProject[], unlisted: readonly string[]): string[] {
  const rest = unlisted.filter((file) => !programs.some((program) => program.contains(file)))
  for (const file of rest) {
    if (/\.[cm]?tsx?$/.test(file)) nearest(programs, file)?.include(file)
  }
  return rest.filter((file) => !programs.some((program) => program.contains(file)))
}

function nearest(programs: readonly TypedProject[], file: string): TypedProject | undefined {
  const around = programs.filter(({ path }) => file.startsWith(`${dirname(path)}/`))
  return (
    around.toSorted((a, b) => dirname(b.path).length - dirname(a.path).length)[0] ?? programs[0]
  )
}

function isForeignTo({ fileNames }: ProjectConfig, listed: ReadonlySet<string>) {
  const own = new Set(fileNames)
  return (file: string) => listed.has(file) && !own.has(file)
}
