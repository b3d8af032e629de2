import { after, afterEach, before, beforeEach } from 'node:test'
import { TestWatch } from '../ledger/test-watch.js'
import { recordProjectsDrivers } from './locate-drivers.js'

// The sources of what is compiled, in the places that messages name.
process.setSourceMapsEnabled(true)
const drivers = recordProjectsDrivers()
const watch = new TestWatch()
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

function nameOf(context: unknown): string {
  const { fullName, name } = context as { fullName?: string; name?: string }
  return fullName ?? name ?? ''
}
