import { AssertionError } from 'node:assert'
import nodeTest, { after, afterEach, before, beforeEach } from 'node:test'
import { hasDeadline, isCancelledBy, type Answer, type Call } from '../expectations.js'
import { TestWatch } from '../ledger/test-watch.js'
import type { DatabaseAddress } from '../open-observer.js'
import { recordProjectsDrivers } from './locate-drivers.js'

/** Custom assertions, which Node has from version 22.14 and 23.7. https://nodejs.org/api/test.html#assert */
const { assert } = nodeTest as {
  assert?: { register(name: string, assertion: (...args: never[]) => Promise<void>): void }
}

const watch = new TestWatch()
if (!isOnlyRunner()) watchTests()

function watchTests(): void {
  const drivers = recordProjectsDrivers()
  watch.start()
  before(() => drivers.ready)
  beforeEach((context) => {
    watch.began(nameOf(context))
  })
  afterEach(async (context) => {
    await watch.ended(nameOf(context))
  })
  after(async () => {
    try {
      await watch.finished()
    } finally {
      watch.stop()
      drivers.restore()
    }
  })
}

/**
 * Whether this process is `node --test` itself, which loads what NODE_OPTIONS names and has each file run by another
 * process. https://nodejs.org/api/test.html#test-runner-execution-model
 */
function isOnlyRunner(): boolean {
  const { execArgv, env } = process
  const isInOneProcess = execArgv.some((each) =>
    /^--(?:experimental-)?test-isolation=none$/.test(each),
  )
  return execArgv.includes('--test') && env['NODE_TEST_CONTEXT'] === undefined && !isInOneProcess
}

/**
 * The call ends because `signal` aborted, and its statement with it, as PostgreSQL says. node:test has no `expect`,
 * so it is a function here; from Node 22.14 on, `t.assert.toBeCancelledBy(call, signal)` as well.
 *
 * @param call a promise, or a function that begins the call.
 * @param database which to ask; needed where the statement's own connection does not tell (postgres.js, a driver that
 *   is not instrumented).
 * @throws {AssertionError} (as a rejection) saying what happened instead.
 */
export async function toBeCancelledBy(
  call: Call,
  signal: AbortSignal,
  database?: DatabaseAddress,
): Promise<void> {
  assertThat(await isCancelledBy(call, signal, watch.ledger, database), toBeCancelledBy)
}

/**
 * Every query that the function makes has a deadline; or, of a signal, it has one itself. Also as
 * `t.assert.toHaveDeadline(subject)`.
 *
 * @throws {AssertionError} (as a rejection) naming a query that has none.
 */
export async function toHaveDeadline(subject: Call | AbortSignal): Promise<void> {
  assertThat(await hasDeadline(subject, watch.ledger), toHaveDeadline)
}

assert?.register('toBeCancelledBy', toBeCancelledBy)
assert?.register('toHaveDeadline', toHaveDeadline)

function assertThat(
  { pass, message }: Answer,
  stackStartFn: (...args: never[]) => Promise<void>,
): void {
  if (!pass) throw new AssertionError({ message, stackStartFn, operator: stackStartFn.name })
}

function nameOf(context: unknown): string {
  const { fullName, name } = context as { fullName?: string; name?: string }
  return fullName ?? name ?? ''
}
