import { append } from '@ctx-fix/core'
import { dirname, relative, resolve } from 'node:path'
import { findRepository, runGit } from './discovery/git.js'
import { UsageError } from './usage-error.js'

export type GuardAnswer = 'committed' | 'not-in-git'

/**
 * Refuses to change a file whose present state git could not bring back: modified, staged or
 * untracked. Other files may be as they like.
 */
export function requireCommitted(files: readonly string[], cwd: string): GuardAnswer {
  const repositories = new Map<string, string[]>()
  let answer: GuardAnswer = 'committed'
  for (const file of files) {
    const repository = findRepository(dirname(file))
    if (repository) append(repositories, repository, file)
    else answer = 'not-in-git'
  }
  const uncommitted = [...repositories].flatMap(([repository, group]) =>
    findUncommitted(repository, group),
  )
  if (uncommitted.length > 0) throw new UsageError(describe(uncommitted, cwd))
  return answer
}

function findUncommitted(repository: string, files: readonly string[]): string[] {
  const wanted = new Set(files)
  // The whole status, not one limited to these files: it is no slower, and thousands of names do
  // not fit on a command line.
  const answer = runGit(repository, [
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '--untracked-files=all',
  ])
  if (!answer.ok) {
    throw new UsageError(
      `git status failed in ${repository} (${answer.error}): cure that, or pass --allow-dirty`,
    )
  }
  return answer.items
    .map((item) => resolve(repository, item.slice(3)))
    .filter((file) => wanted.has(file))
}

function describe(files: readonly string[], cwd: string): string {
  const names = files.slice(0, 3).map((file) => relative(cwd, file))
  const more = files.length > 3 ? ` and ${String(files.length - 3)} more` : ''
  return `uncommitted changes in ${names.join(', ')}${more}: commit or stash them, or pass --allow-dirty; nothing was written`
}
