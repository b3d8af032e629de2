import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

const APP = lines(
  `import express from 'express'`,
  `import { Pool } from 'pg'`,
  ``,
  `const pool = new Pool()`,
  `const app = express()`,
  ``,
  `async function audit(what: string) {`,
  `  await pool.query('INSERT INTO audit VALUES ($1)', [what])`,
  `}`,
  ``,
  `app.get('/', async (_req, res) => {`,
  `  // ctx:detached -- the audit log outlives the request`,
  `  void audit('read')`,
  `  // ctx:detached -- must be written`,
  `  await pool.query('INSERT INTO audit VALUES ($1)', ['seen'])`,
  `  res.json((await pool.query('SELECT 1')).rows)`,
  `})`,
  ``,
  `export async function nightly() {`,
  `  // ctx:detached -- no request starts it`,
  `  void audit('night')`,
  `}`,
)

test('work that a comment sets free runs in detached() where a signal surrounds the request', async () => {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true }),
    'src/app.ts': APP,
  })
  const file = join(root, 'src/app.ts')
  const project = {
    root,
    files: [file],
    report: [file],
    tsconfig: join(root, 'tsconfig.json'),
    config: { propagation: 'ambient' as const },
  }
  const first = await fixProject(project, { verify: true })
  expect(
    first.report.findings
      .filter(({ reason }) => reason === 'marked-work-surrounded')
      .map(({ line, fixed }) => ({ line, fixed })),
  ).toEqual([
    { line: 13, fixed: true },
    { line: 15, fixed: true },
  ])
  const write = await first.prepareWrite()
  await write()
  const after = readFileSync(file, 'utf8')
  expect(after).toContain(
    `  void detached('the audit log outlives the request', () => audit('read'))\n`,
  )
  expect(after).toContain(
    `  await detached('must be written', () => pool.query('INSERT INTO audit VALUES ($1)', ['seen']))\n`,
  )
  expect(after).toContain(`\n  void audit('night')\n`)

  const second = await fixProject(project, { verify: true })
  expect(second.changes).toEqual([])
  expect(second.report.findings).toEqual([])
})

test('where signals are passed, the comment is enough', async () => {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true }),
    'src/app.ts': APP,
  })
  const file = join(root, 'src/app.ts')
  const tsconfigPath = join(root, 'tsconfig.json')
  const project = { root, files: [file], report: [file], tsconfig: tsconfigPath, config: {} }
  const { changes } = await fixProject(project, { verify: true })
  expect(changes.map(({ after }) => after).join()).not.toContain('detached(')
})
