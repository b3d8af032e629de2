import { TestWatch } from '../ledger/test-watch.js'
import { jestGlobals, requireOfTest } from './jest-globals.js'
import { recordProjectsDrivers } from './locate-drivers.js'
import { matchers, type CancellationMatchers } from './matchers.js'

declare global {
  // As @types/jest has it.
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace jest {
    // eslint-disable-next-line @typescript-eslint/no-empty-object-type, @typescript-eslint/no-unused-vars
    interface Matchers<R, T = {}> extends CancellationMatchers {}
  }
}

const { beforeEach, afterEach, afterAll, expect } = jestGlobals()
const drivers = recordProjectsDrivers(requireOfTest())
const watch = new TestWatch()
watch.start()

expect.extend(matchers(watch.ledger))

beforeEach(() => {
  drivers.lookAgain()
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
