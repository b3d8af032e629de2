import { expect, it } from 'vitest'
import { fixed } from '../testing/fixed.js'
import { lines } from '../testing/sample-project.js'

it('changes the interface that a class implements by a method of its base class', async () => {
  const app = lines(
    `import express from 'express'`,
    `import { Pool } from 'pg'`,
    ``,
    `const pool = new Pool()`,
    `interface Links {`,
    `  rename(id: string, name: string): Promise<void>`,
    `}`,
    `abstract class Store {`,
    `  constructor(readonly table: string) {}`,
    `  async rename(id: string, name: string): Promise<void> {`,
    '    await pool.query(`UPDATE ${this.table} SET name = $2 WHERE id = $1`, [id, name])',
    `  }`,
    `}`,
    `class LinkStore extends Store implements Links {`,
    `  constructor() {`,
    `    super('links')`,
    `  }`,
    `}`,
    `const links: Links = new LinkStore()`,
    `const app = express()`,
    `app.put('/links/:id', async (req, res) => {`,
    `  await links.rename(req.params.id, 'a')`,
    `  res.end()`,
    `})`,
  )
  const after = await fixed(app, 'explicit')
  expect(after).toContain(
    '  rename(id: string, name: string, signal?: AbortSignal): Promise<void>\n}',
  )
  expect(after).toContain('async rename(id: string, name: string, signal?: AbortSignal)')
  expect(after).toContain("links.rename(req.params.id, 'a', signal)")
})
