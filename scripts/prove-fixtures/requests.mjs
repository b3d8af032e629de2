// Copied into a shop of fixtures/libraries: each of its routes, over HTTP, in the process of the tests.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

let origin = ''

before(async () => {
  const port = new Promise((resolve) => {
    const { log } = console
    console.log = (line) => {
      const [, found] = /^listening on port (\d+)$/.exec(line) ?? []
      if (found === undefined) log(line)
      else resolve(found)
    }
  })
  await import(new URL('dist/src/express.js', import.meta.url).href)
  origin = `http://127.0.0.1:${await port}`
})
after(() => process.emit('SIGTERM'))

for (const path of [
  '/products',
  '/products?category=tea',
  '/products/1',
  '/reports/sales',
  '/export',
]) {
  test(path, () => get(path))
}
test('/orders', async () => {
  const body = JSON.stringify({ customer: 'Ada', lines: [{ productId: 2, quantity: 1 }] })
  const headers = { 'content-type': 'application/json' }
  await get('/orders', { method: 'POST', headers, body })
})

async function get(path, init) {
  const response = await fetch(`${origin}${path}`, init)
  assert.ok(response.ok, `${path}: ${response.status}`)
  await response.text()
}
