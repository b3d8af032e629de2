import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNode, startServer } from '../processes.mjs'

const source = fileURLToPath(new URL('../../fixtures/apps/express-pg', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

/** Copies the application, without what was built of it, over whatever is at `folder`. */
export function copyBookshop(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(source, folder, {
    recursive: true,
    filter: (path) => !['dist', 'node_modules'].includes(basename(path)),
  })
}

/**
 * Makes the copy a repository of its own with one commit. ctx-fix changes only what git could bring
 * back, and leaves alone what git ignores, as this repository ignores its folder for copies.
 */
export function commitBookshop(folder) {
  git(folder, ['init', '--quiet'])
  git(folder, ['add', '--all'])
  const author = ['-c', 'user.name=demo', '-c', 'user.email=demo@example.invalid']
  git(folder, [...author, '-c', 'commit.gpgsign=false', 'commit', '--quiet', '-m', 'Before'])
}

/** What changed in the copy since it was committed. */
export function diffBookshop(folder, args = []) {
  return git(folder, ['diff', '--no-ext-diff', ...args])
}

/** Compiles the copy with the TypeScript of this repository. Throws where it does not compile. */
export async function compileBookshop(folder) {
  const { code, output } = await runNode([tsc, '-p', folder], { cwd: folder })
  if (code !== 0) throw new Error(`${folder} does not compile:\n${output}`)
}

/** Runs the application's own tests, which are compiled with it. */
export async function testBookshop(folder, connectionString) {
  const tests = ['books', 'customers', 'orders', 'shop'].map((name) => `dist/test/${name}.test.js`)
  const { code, output } = await runNode(['--test', '--test-reporter=tap', ...tests], {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: connectionString },
  })
  const count = (word) => Number(new RegExp(`^# ${word} (\\d+)`, 'm').exec(output)?.[1] ?? 0)
  return { ok: code === 0, passed: count('pass'), failed: count('fail'), output }
}

/** Starts the compiled application on an empty database of its own and waits until it listens. */
export function startBookshop(folder, connectionString) {
  return startServer([join(folder, 'dist/src/server.js')], {
    env: { ...process.env, DATABASE_URL: connectionString, PORT: '0', SEED: '1' },
  })
}

function git(folder, args) {
  // Inside a commit hook these name the repository of that commit.
  const ofCommit = new Set(['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX'])
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !ofCommit.has(name)),
  )
  const { status, error, stdout, stderr } = spawnSync('git', args, {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  if (error) throw new Error(`git is needed for the demo: ${error.message}`)
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
  return stdout
}
