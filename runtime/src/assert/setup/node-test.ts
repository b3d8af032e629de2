import { after, afterEach, beforeEach } from 'node:test'
import { TestWatch } from '../ledger/test-watch.js'
import { instrumentProjectsPg } from './locate-pg.js'

// The sources of what is compiled, in the places that messages name.
process.setSourceMapsEnabled(true)
instrumentProjectsPg()
const watch = new TestWatch()
watch.start()

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
  }
})

function nameOf(context: unknown): string {
  const { fullName, name } = context as { fullName?: string; name?: string }
  return fullName ?? name ?? ''
}
