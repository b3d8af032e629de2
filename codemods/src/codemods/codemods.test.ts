import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { BeforeAfter } from '../testing/before-after.js'
import { codemods, type CodemodName } from './index.js'

const situations = resolve(import.meta.dirname, '../../../fixtures/codemods')
const copies = new BeforeAfter('codemods')
const names = Object.keys(codemods) as CodemodName[]

test('each has a situation', () => {
  expect(readdirSync(situations)).toEqual(names.toSorted())
})

test.each(names)('%s', async (name) => {
  const reason = name === 'detach' ? 'the audit log outlives the request' : undefined
  const codemod = reason === undefined ? { name } : { name, reason }
  const folder = join(situations, name)
  const { first } = await copies.expectAfter({ folder, options: { codemod } })
  expect(first.report.summary.rolledBack).toBe(0)
})
