import { createRequire } from 'node:module'
import { join } from 'node:path'
import { TestWatch } from '../ledger/test-watch.js'
import { recordProjectsDrivers } from './locate-drivers.js'
import { matchers, type CancellationMatchers } from './matchers.js'

declare global {
  // As @types/jest has it; for `expect` of @jest/globals, see docs/assert.md.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars
    interface Matchers<R, T = {}> extends CancellationMatchers {}
  }
}

/** What of jest's globals is used, so that its types need not be installed. */
interface JestGlobals {
  beforeEach: (hook: () => void) => void
  afterEach: (hook: () => Promise<void>) => void
  afterAll: (hook: () => Promise<void>) => void
  expect: {
    extend(matchers: object): void
    getState(): { currentTestName?: string | undefined }
  }
}

const host = globalThis as unknown as Partial<JestGlobals>
if (host.beforeEach === undefined || host.expect === undefined) {
  throw new Error(
    'ctx-fix: @ctx-fix/runtime/assert/jest found no jest: name it in setupFilesAfterEnv, where jest ' +
      'has its globals, not in setupFiles',
  )
}
const { beforeEach, afterEach, afterAll, expect } = host as JestGlobals

// Inside jest this goes through its own registry, from which the application gets pg as well.
const drivers = recordProjectsDrivers(createRequire(join(process.cwd(), 'any.js')))
const watch = new TestWatch()
watch.start()

expect.extend(matchers(watch.ledger))

beforeEach(() => {
  watch.began(currentTest())
})
afterEach(async () => {
  await watch.ended(currentTest())
})
afterAll(async () => {
  try {
    await watch.finished()
  } finally {
    watch.stop()
    drivers.restore()
  }
})

function currentTest(): string {
  return expect.getState().currentTestName ?? ''
}
