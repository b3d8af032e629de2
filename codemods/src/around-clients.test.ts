import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

/** The verified fix of src/db.ts beside a handler that uses it; a second one must change nothing. */
async function fixed(db: string, propagation: 'explicit' | 'ambient'): Promise<string> {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true }),
    'src/db.ts': db,
    'src/app.ts': lines(
      `import express from 'express'`,
      `import { find } from './db.js'`,
      `const app = express()`,
      `app.get('/:id', async (req, res) => {`,
      `  res.json(await find(req.params.id))`,
      `})`,
    ),
  })
  const files = ['src/db.ts', 'src/app.ts'].map((file) => join(root, file))
  const project = {
    root,
    files,
    report: files,
    tsconfig: join(root, 'tsconfig.json'),
    config: { propagation },
  }
  const first = await fixProject(project, { verify: true })
  expect(first.report.summary.rolledBack).toBe(0)
  const write = await first.prepareWrite()
  await write()
  const second = await fixProject(project, { verify: true })
  expect(second.changes).toEqual([])
  expect(second.report.findings.filter((each) => !each.fixed)).toEqual([])
  expect(second.report.sinks.map((each) => each.status)).toEqual(['propagated'])
  return readFileSync(join(root, 'src/db.ts'), 'utf8')
}

const IMPORT = `import { cancellable } from '@ctx-fix/runtime/postgres'`
const QUERY = 'export const find = async (id: string) => sql`SELECT ${id}`'

describe('a client of postgres.js', () => {
  it.each(['explicit', 'ambient'] as const)(
    'is told of signals where it is made: %s',
    async (how) => {
      const text = lines(
        `import postgres from 'postgres'`,
        `const sql = postgres({ max: 1 })`,
        QUERY,
      )
      const after = await fixed(text, how)
      expect(after).toContain(IMPORT)
      expect(after).toContain('const sql = cancellable(postgres({ max: 1 }))')
      expect(after.includes('withSignal(signal, () => sql`SELECT ${id}`)')).toBe(how === 'explicit')
    },
  )

  it('is told under another name, where that is taken', async () => {
    const text = lines(
      `import postgres from 'postgres'`,
      `export const cancellable = true`,
      `const sql = postgres()`,
      QUERY,
    )
    expect(await fixed(text, 'ambient')).toContain('const sql = cancellable2(postgres())')
  })

  it('is told once, by whoever has done so', async () => {
    const text = lines(
      IMPORT,
      `import postgres from 'postgres'`,
      `const sql = cancellable(postgres())`,
      QUERY,
    )
    const after = await fixed(text, 'ambient')
    expect(after.match(/cancellable\(/g)).toHaveLength(1)
  })

  const drizzled = (made: string) =>
    lines(
      `import { drizzle } from 'drizzle-orm/postgres-js'`,
      `import postgres from 'postgres'`,
      `import { pgTable, text } from 'drizzle-orm/pg-core'`,
      `const users = pgTable('users', { id: text('id') })`,
      `const client = postgres()`,
      made,
      `export const find = async (_id: string) => db.select().from(users)`,
    )
  it.each([`const db = drizzle(client)`, `const db = drizzle({ client, logger: true })`])(
    'is told before Drizzle gets it: %s',
    async (made) => {
      const after = await fixed(drizzled(made), 'ambient')
      expect(after).toContain('const client = cancellable(postgres())')
      expect(after).toContain(made)
    },
  )

  it('is told by way of Drizzle, where that makes it', async () => {
    const text = drizzled(`const db = drizzle('postgres://localhost')`)
      .replace(`const client = postgres()\n`, '')
      .replace(`import postgres from 'postgres'\n`, '')
    expect(await fixed(text, 'explicit')).toContain(
      `const db = cancellable(drizzle('postgres://localhost'))`,
    )
  })
})
