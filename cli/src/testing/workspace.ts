import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Workspace {
  readonly root: string
  write(files: Readonly<Record<string, string>>): void
  read(file: string): string
  git(...args: string[]): void
}

const scratch = new URL('../../../.tmp/', import.meta.url).pathname

/** A folder with these files, committed to a repository of its own. Gone when the test has ended. */
export function createRepository(files: Readonly<Record<string, string>>): Workspace {
  mkdirSync(scratch, { recursive: true })
  const workspace = create(scratch, files)
  workspace.git('init', '-q')
  workspace.git('add', '-A')
  workspace.git('commit', '-q', '-m', 'start')
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
    git(...args) {
      const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.com']
      execFileSync('git', [...identity, ...args], { cwd: root, stdio: 'pipe' })
    },
  }
  workspace.write(files)
  return workspace
}
