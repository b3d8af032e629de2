import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder that holds `.git`: a directory, or a file in worktrees and submodules. */
export function findRepository(folder: string): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : findRepository(parent)
}

export type GitAnswer =
  | { readonly ok: true; readonly items: readonly string[] }
  | { readonly ok: false; readonly error: string }

/** Runs a git command whose output is a list that ends every item with NUL. */
export function runGit(
  folder: string,
  args: readonly string[],
  input: readonly string[] = [],
): GitAnswer {
  const result = spawnSync('git', args, {
    cwd: folder,
    env: envOutsideHook(),
    input: input.map((item) => `${item}\0`).join(''),
    encoding: 'utf8',
    maxBuffer: 1024 * 1024 * 1024,
  })
  if (result.error) return { ok: false, error: result.error.message }
  // check-ignore answers 1 where nothing is ignored.
  if (result.status !== 0 && !(args[0] === 'check-ignore' && result.status === 1)) {
    return { ok: false, error: result.stderr.trim().split('\n')[0] ?? 'unknown error' }
  }
  return { ok: true, items: result.stdout.split('\0').filter((item) => item !== '') }
}

/** Inside a commit hook these name the index of that commit, relative to a folder that may not be ours. */
function envOutsideHook(): NodeJS.ProcessEnv {
  const names = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX'])
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.has(name)))
}
