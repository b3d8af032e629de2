import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { ProjectInput } from '../host.js'
import { UsageError } from '../usage-error.js'
import { findUpward } from './ancestors.js'
import { readGivenPaths } from './given-paths.js'
import { listSources } from './list-sources.js'
import { isReadableFile, isTypeScriptFile } from './source-file.js'
import { TsconfigReader, type Tsconfig } from './tsconfig.js'

export type Project = Omit<ProjectInput, 'config' | 'globsFrom'>

/**
 * Which programs the given paths belong to. A file named by itself is always reported; a folder
 * stands for the files in it that a tsconfig covers, or for its plain JavaScript where there is no
 * tsconfig. What is analysed is the whole project around them, because a function handed over by
 * reference in a file that nobody named still decides what can be changed.
 */
export function findProjects(
  paths: readonly string[],
  { cwd, tsconfig }: { readonly cwd: string; readonly tsconfig?: string | undefined },
): Project[] {
  if (tsconfig !== undefined) {
    const path = resolve(cwd, tsconfig)
    if (!existsSync(path)) throw new UsageError(`${tsconfig}: no such file (named with --tsconfig)`)
    return [findProjectOf(path, paths, cwd)]
  }
  const given = readGivenPaths(paths, cwd)
  const reader = new TsconfigReader()
  const named = new Set(given.named)
  const typed = new Map<string, string[]>()
  const plain = new Map<string, string[]>()
  const leftOut: string[] = []
  /** Scripts that a program runs beside the TypeScript that is all its tsconfig names. */
  const beside = new Map<string, string[]>()
  for (const file of [...named, ...given.found]) {
    const owner = reader.findOwner(file)
    if (isPlain(file, owner)) add(plain, findPackageRoot(file), file)
    else if (owner && (named.has(file) || owner.covers(file))) add(typed, owner.path, file)
    else if (named.has(file)) throw new UsageError(missingTsconfig(relative(cwd, file)))
    else if (owner && !isTypeScriptFile(file) && owner.mayRun(file)) add(beside, owner.path, file)
    else leftOut.push(file)
  }
  // A stray `eslint.config.js` beside TypeScript without a tsconfig must not pass for the project.
  if (typed.size === 0 && leftOut.length > 0) {
    throw new UsageError(whyNoneIsLeft(leftOut, reader, cwd))
  }
  for (const [path, scripts] of beside) for (const file of scripts) add(typed, path, file)
  return [
    ...[...typed].map(([path, report]) => toTypedProject(path, report)),
    ...[...plain].map(([root, report]) => toPlainProject(root, report, reader)),
  ]
}

/** With `--tsconfig` there is one program, and its files are what that configuration covers. */
function findProjectOf(path: string, paths: readonly string[], cwd: string): Project {
  const tsconfig = new TsconfigReader().read(path)
  const given = readGivenPaths(paths, cwd)
  const report = unique([...given.named, ...given.found.filter((file) => tsconfig.covers(file))])
  if (report.length === 0) {
    throw new UsageError(`${relative(cwd, path)} covers none of the files in ${paths.join(', ')}`)
  }
  // From the package, because `config/tsconfig.json` may include `../src`.
  const root = findPackageRoot(path)
  const covered = listSources(root, isReadableFile).filter((file) => tsconfig.covers(file))
  return { root, files: unique([...covered, ...report]), report, tsconfig: path }
}

function toTypedProject(tsconfig: string, given: readonly string[]): Project {
  const folder = dirname(tsconfig)
  const isForeign = createForeignTest(folder)
  const own = listSources(folder, isReadableFile).filter((file) => !isForeign(dirname(file)))
  const report = unique(given)
  // From the package's folder, `test/tsconfig.json` is still seen to speak for tests.
  const root = findPackageRoot(tsconfig)
  return { root, files: unique([...own, ...report]), report, tsconfig }
}

function toPlainProject(root: string, given: readonly string[], reader: TsconfigReader): Project {
  const own = listSources(root).filter((file) => isPlain(file, reader.findOwner(file)))
  const report = unique(given)
  return { root, files: unique([...own, ...report]), report }
}

/**
 * JavaScript that no tsconfig speaks for: there is none, or one that neither covers the file nor
 * lies in its package (the root of a monorepo, above a package without types).
 */
function isPlain(file: string, owner: Tsconfig | undefined): boolean {
  if (isTypeScriptFile(file)) return false
  if (!owner || owner.covers(file)) return !owner
  return findPackageRoot(file).startsWith(dirname(owner.path) + sep)
}

/** A folder below with a package.json and a tsconfig.json of its own is another project. */
function createForeignTest(root: string): (folder: string) => boolean {
  const known = new Map<string, boolean>([[root, false]])
  return function isForeign(folder: string): boolean {
    const before = known.get(folder)
    if (before !== undefined) return before
    const isOwnProject = ['package.json', 'tsconfig.json'].every((name) =>
      existsSync(join(folder, name)),
    )
    const foreign = isOwnProject || isForeign(dirname(folder))
    known.set(folder, foreign)
    return foreign
  }
}

/** The nearest folder upward with a package.json; the file's own folder where there is none. */
function findPackageRoot(file: string): string {
  return findUpward(dirname(file), 'package.json') ?? dirname(file)
}

function whyNoneIsLeft(leftOut: readonly string[], reader: TsconfigReader, cwd: string): string {
  const file = leftOut[0] as string
  const owner: Tsconfig | undefined = reader.findOwner(file)
  if (!owner) return missingTsconfig(relative(cwd, file))
  const more = leftOut.length > 1 ? ` and ${String(leftOut.length - 1)} more` : ''
  return (
    `${relative(cwd, owner.path)} does not cover ${relative(cwd, file)}${more}: ` +
    'name the files themselves, or another configuration with --tsconfig'
  )
}

function missingTsconfig(file: string): string {
  return `no tsconfig.json in the folder of ${file.split(sep).join('/')} or above: add one, or name it with --tsconfig`
}

function add(groups: Map<string, string[]>, key: string, file: string): void {
  const group = groups.get(key)
  if (group) group.push(file)
  else groups.set(key, [file])
}

function unique(files: readonly string[]): string[] {
  return [...new Set(files)].sort()
}
