import { afterAll, afterEach, beforeAll, beforeEach, expect, type RunnerTestCase } from 'vitest'
import { TestWatch } from '../ledger/test-watch.js'
import { matchers, type CancellationMatchers } from './matchers.js'
import { recordProjectsDrivers } from './locate-drivers.js'

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface Matchers extends CancellationMatchers {}
}

const drivers = recordProjectsDrivers()
const watch = new TestWatch()
watch.start()

expect.extend(matchers(watch.ledger))

beforeAll(() => drivers.ready)
beforeEach(({ task }) => {
  watch.began(fullName(task))
})
afterEach(async ({ task }) => {
  await watch.ended(fullName(task))
})
afterAll(async () => {
  try {
    await watch.finished()
  } finally {
    watch.stop()
    drivers.restore()
  }
})

function fullName({ name, suite }: Pick<RunnerTestCase, 'name' | 'suite'>): string {
  return suite === undefined ? name : `${fullName(suite)} > ${name}`
}
