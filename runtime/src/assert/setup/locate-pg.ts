import { createRequire } from 'node:module'
import { join } from 'node:path'
import { instrument } from '../../pg/index.js'

/**
 * Instruments the copy of pg that the project installed. Test runners with a module system of their
 * own load it past the hook that finds copies elsewhere.
 *
 * @param require that of the test runner, where it has its own.
 * @throws {Error} when there is none, or it is a mock.
 */
export function instrumentProjectsPg(
  require: (name: string) => unknown = createRequire(join(process.cwd(), 'any.js')),
): void {
  let found: unknown
  try {
    found = require('pg')
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw cause
    throw new Error(
      `ctx-fix: pg cannot be found from ${process.cwd()}: install it there, or remove the set-up ` +
        'import from projects without PostgreSQL',
      { cause },
    )
  }
  try {
    instrument(found as object)
  } catch (cause) {
    throw new Error(
      'ctx-fix: what the test runner gives for pg is no node-postgres that can be instrumented: is ' +
        'it mocked?',
      { cause },
    )
  }
}
