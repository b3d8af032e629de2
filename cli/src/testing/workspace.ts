import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export interface Workspace {
  readonly root: string
  readonly write: (files: Readonly<Record<string, string>>) => void
  readonly read: (file: string) => string
  readonly git: (...args: readonly string[]) => string
}

/** Where repositories of their own may lie: the repository around it ignores this folder. */
export function scratchFolder(): string {
  const folder = fileURLToPath(new URL('../../../.tmp', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return folder
}

export function git(folder: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
  return execFileSync('git', [...identity, ...args], {
    cwd: folder,
    stdio: 'pipe',
    encoding: 'utf8',
  })
}

/** Commits all that is in a folder, in a repository of its own. */
export function commit(folder: string): void {
  git(folder, 'init', '-q')
  git(folder, 'add', '-A')
  git(folder, 'commit', '-q', '--allow-empty', '-m', 'all')
}

/** A folder with these files, committed to a repository of its own. Gone when the test has ended. */
export function createRepository(files: Readonly<Record<string, string>>): Workspace {
  const workspace = create(scratchFolder(), files)
  commit(workspace.root)
  return workspace
}

/** The same outside any repository, which `.tmp` is not. */
export function createFolder(files: Readonly<Record<string, string>>): Workspace {
  return create(realpathSync(tmpdir()), files)
}

function create(parent: string, files: Readonly<Record<string, string>>): Workspace {
  const root = mkdtempSync(join(parent, 'ctx-fix-cli-'))
  onTestFinished(() => {
    rmSync(root, { recursive: true })
  })
  const workspace: Workspace = {
    root,
    write(more) {
      for (const [file, text] of Object.entries(more)) {
        mkdirSync(dirname(join(root, file)), { recursive: true })
        writeFileSync(join(root, file), text)
      }
    },
    read: (file) => readFileSync(join(root, file), 'utf8'),
    git: (...args) => git(root, ...args),
  }
  workspace.write(files)
  return workspace
}
