import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'vitest'
import { BeforeAfter } from './testing/before-after.js'

const situations = resolve(import.meta.dirname, '../../fixtures/before-after')
const copies = new BeforeAfter('before-after')

test.each(readdirSync(situations))('%s', async (situation) => {
  await copies.expectAfter({ folder: join(situations, situation) })
})
