import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { instrument } from '../../pg/index.js'
import { restorePatched } from '../../restore-patched.js'
import { importFile, projectsRequire } from '../import-from-project.js'
import { recordPostgres, type Postgres } from '../postgres/copies.js'

type Require = (name: string) => unknown

/** What the set-up of a test runner has found. */
export interface RecordedDrivers {
  /** Resolves when all of it is recorded. */
  readonly ready: Promise<void>
  /** Finds what the test runner has loaded anew since, as jest does for `resetModules`. */
  readonly lookAgain: () => void
  /** Leaves pg, its pools and postgres.js as they were. */
  readonly restore: () => void
}

/**
 * Lets the ledger hear of the copies of pg and postgres.js that the project installed. Test runners with a
 * module system of their own load pg past the hook that finds copies elsewhere. postgres.js is not looked for where
 * the package.json of the working directory names pg among its dependencies, and not postgres.js.
 *
 * @param require that of the test runner, where it has its own.
 * @throws {Error} when there is neither, or pg is a mock.
 */
export function recordProjectsDrivers(require?: Require): RecordedDrivers {
  const nodes = projectsRequire()
  const own = require ?? nodes
  const restores: (() => void)[] = []
  const seen = new Set<unknown>()
  // Loading it for nothing costs each process as much as all the rest of the set-up.
  const hasPostgres = !goesByPg()
  const record = (postgres: unknown): void => {
    const restore = recordPostgres(postgres as Postgres)
    if (restore !== undefined) restores.push(restore)
  }
  const look = (): { readonly pg: unknown; readonly postgres: unknown } => {
    const pg = found(own, 'pg')
    const postgres = hasPostgres ? found(own, 'postgres') : undefined
    if (pg !== undefined && !seen.has(pg)) instrumentPg(pg)
    if (postgres !== undefined && !seen.has(postgres)) record(postgres)
    seen.add(pg).add(postgres)
    return { pg, postgres }
  }
  const { pg, postgres } = look()
  if (pg === undefined && postgres === undefined) throw new Error(noDriver())
  // A test runner's own `require` stands for its own modules; Node has postgres.js in both systems.
  const isNodes = require === undefined && postgres !== undefined
  const esm = isNodes ? esmOf(nodes.resolve('postgres')) : undefined
  return {
    ready:
      esm === undefined
        ? Promise.resolve()
        : importFile<{ default: unknown }>(esm).then((its) => {
            record(its.default)
          }),
    lookAgain: look,
    restore: () => {
      for (const restore of restores) restore()
      restorePatched()
    },
  }
}

function found(require: Require, name: string): unknown {
  try {
    return require(name)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') return undefined
    throw error
  }
}

/** Whether the project says that it uses pg, and nothing of postgres.js; one that says neither may use both. */
function goesByPg(): boolean {
  const { dependencies, devDependencies, peerDependencies } = manifestIn(process.cwd())
  const named = { ...dependencies, ...devDependencies, ...peerDependencies }
  return 'pg' in named && !('postgres' in named)
}

function noDriver(): string {
  return (
    `ctx-fix: neither pg nor postgres can be found from ${process.cwd()}: install the one that the ` +
    'application uses there, or remove the set-up import from projects without PostgreSQL'
  )
}

function instrumentPg(pg: unknown): void {
  try {
    instrument(pg as object)
  } catch (cause) {
    throw new Error(
      'ctx-fix: what the test runner gives for pg is no node-postgres that can be instrumented: is ' +
        'it mocked?',
      { cause },
    )
  }
}

/** The file of the same package as an ES module, given the one that `require` finds. */
function esmOf(file: string): string | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const { name, exports } = manifestIn(folder)
    if (name !== 'postgres') continue
    const path = exports?.import
    return path === undefined ? undefined : join(folder, path)
  }
  return undefined
}

interface Manifest {
  readonly name?: string
  readonly dependencies?: object
  readonly devDependencies?: object
  readonly peerDependencies?: object
  readonly exports?: { readonly import?: string }
}

function manifestIn(folder: string): Manifest {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  } catch {
    return {}
  }
}
