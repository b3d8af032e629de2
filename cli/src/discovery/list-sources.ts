import { append } from '@ctx-fix/core'
import { lstatSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { findRepository, runGit } from './git.js'
import { isMinified } from './minified.js'
import { isSourceFile } from './source-file.js'
import { walkSources } from './walk.js'

/** Source files below a folder that `.gitignore` leaves in, sorted. Symbolic links are not followed. */
export function listSources(folder: string, isWanted = isSourceFile): string[] {
  const files = listWithGit(folder, isWanted) ?? walkSources(folder, isWanted)
  return [...new Set(files)].filter((file) => !isMinified(file)).sort()
}

/**
 * Undefined outside git, and where git does not answer (not installed, or a folder that belongs to
 * somebody else in a container): the walk reads `.gitignore` itself.
 */
function listWithGit(folder: string, isWanted: (file: string) => boolean): string[] | undefined {
  if (!findRepository(folder)) return undefined
  const answer = runGit(folder, ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  if (!answer.ok) return undefined
  return answer.items
    .filter((item) => !isHidden(item))
    .map((item) => join(folder, item))
    .filter((file) => isWanted(file) && isRegularFile(file))
}

/** In `.yarn/releases`, `.next`: what tools keep, and people do not write. Names that are given are always taken. */
function isHidden(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .some((each) => each.startsWith('.'))
}

/** What `.gitignore` leaves in of files that were named one by one. A tracked file is never ignored. */
export function dropIgnored(files: readonly string[]): string[] {
  const ignored = new Set<string>()
  for (const [repository, group] of groupByRepository(files)) {
    const answer = runGit(repository, ['check-ignore', '-z', '--stdin'], group)
    if (answer.ok) for (const item of answer.items) ignored.add(resolve(repository, item))
  }
  return files.filter((file) => !ignored.has(file))
}

function groupByRepository(files: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const file of files) {
    const repository = findRepository(resolve(file, '..'))
    if (repository) append(groups, repository, file)
  }
  return groups
}

/** Not a link, and not deleted since git last looked. */
function isRegularFile(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() === true
}
