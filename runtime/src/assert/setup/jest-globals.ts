import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What of jest's globals is used, so that its types need not be installed. */
export interface JestGlobals {
  beforeEach: (hook: () => void) => void
  afterEach: (hook: () => Promise<void>) => void
  afterAll: (hook: () => Promise<void> | void) => void
  expect: {
    extend(matchers: object): void
    getState(): { currentTestName?: string | undefined; testPath?: string | undefined }
  }
}

/** @throws {Error} where jest has none, or not yet. */
export function jestGlobals(): JestGlobals {
  const host = globalThis as unknown as Partial<JestGlobals>
  if (host.beforeEach === undefined || host.expect === undefined) {
    throw new Error(
      'ctx-fix: @ctx-fix/runtime/assert/jest found no jest: name it in setupFilesAfterEnv, where jest ' +
        'has its globals, not in setupFiles',
    )
  }
  return host as JestGlobals
}

/** Inside jest this goes through its own registry, from which the application gets its drivers as well. */
export function requireOfTest(): NodeJS.Require {
  const { testPath } = jestGlobals().expect.getState()
  return createRequire(testPath ?? join(process.cwd(), 'any.js'))
}
