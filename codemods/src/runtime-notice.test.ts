import { join } from 'node:path'
import { expect, it } from 'vitest'
import { analyzeProject, type CtxFixConfig } from './project.js'
import { lines, sampleProject, tsconfig } from './testing/sample-project.js'

async function codes(
  text: string,
  propagation: CtxFixConfig['propagation'] = 'explicit',
  manifest = '{ "type": "module" }',
): Promise<string[]> {
  const { root } = sampleProject({
    'package.json': manifest,
    'tsconfig.json': tsconfig({}),
    'src/app.ts': text,
  })
  const file = join(root, 'src/app.ts')
  const { report } = await analyzeProject({
    root,
    files: [file],
    report: [file],
    tsconfig: join(root, 'tsconfig.json'),
    config: { propagation },
  })
  return report.notices.map(({ code }) => code)
}

const QUERY = lines(
  `import { Pool } from 'pg'`,
  `const pool = new Pool()`,
  `export const all = (signal: AbortSignal) => pool.query({ text: 'SELECT 1', signal })`,
)
const APP = lines(
  `import express from 'express'`,
  `import { Pool } from 'pg'`,
  `import { ctxSignal } from '@ctx-fix/runtime/express'`,
  `const pool = new Pool()`,
  `const app = express()`,
  `app.use(ctxSignal())`,
  `app.get('/', async (_req, res) => res.json(await pool.query('SELECT 1')))`,
)
const KYSELY = lines(
  `import type { Kysely } from 'kysely'`,
  `export const all = (db: Kysely<object>, signal: AbortSignal) =>`,
  `  db.selectFrom('a').execute({ signal, inflightQueryAbortStrategy: 'cancel query' })`,
)

it('says that signals are given and nothing makes pg heed them', async () => {
  expect(await codes(QUERY)).toContain('runtime-not-loaded')
  expect(await codes(APP, 'ambient')).toContain('runtime-not-loaded')
})

it('says nothing where it is imported, loaded by a script, or not needed', async () => {
  const imported = `import '@ctx-fix/runtime/pg'\n`
  expect(await codes(imported + QUERY)).not.toContain('runtime-not-loaded')
  expect(await codes(imported + APP, 'ambient')).not.toContain('runtime-not-loaded')
  const manifest = '{ "scripts": { "start": "node --import @ctx-fix/runtime/pg app.js" } }'
  expect(await codes(QUERY, 'explicit', manifest)).not.toContain('runtime-not-loaded')
  expect(await codes(KYSELY)).not.toContain('runtime-not-loaded')
})

it('says of pg-native what it means for the calls of pg, and nothing besides', async () => {
  const manifest = '{ "type": "module", "dependencies": { "pg": "8", "pg-native": "3" } }'
  expect(await codes(QUERY, 'explicit', manifest)).toEqual(['not-cancellable'])
})
