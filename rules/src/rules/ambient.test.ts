import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import { Linter } from 'eslint'
import { describe, expect, it, onTestFinished } from 'vitest'
import plugin from '../index.js'

const { rules, settings } = plugin.configs.ambient

/** Messages of the `ambient` configuration for a file of its own folder, and what `--fix` makes of it. */
function lint(files: Readonly<Record<string, string>>, linted: string) {
  const cwd = mkdtempSync(join(tmpdir(), 'ctx-ambient-'))
  onTestFinished(() => {
    rmSync(cwd, { recursive: true })
  })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  const config = [
    {
      files: ['**/*.ts'],
      plugins: { ctx: plugin as never },
      languageOptions: { parser },
      rules: rules as never,
      settings: settings as never,
    },
  ]
  const filename = join(cwd, linted)
  const linter = new Linter({ cwd })
  const text = files[linted] ?? ''
  return {
    messages: linter.verify(text, config, { filename }).map((each) => each.messageId),
    fixed: linter.verifyAndFix(text, config, { filename }),
  }
}

const pool = `import { Pool } from 'pg'\nexport const pool = new Pool()\n`
const routes = `import { Router } from 'express'
import { pool } from './pool.js'
export const router = Router()
router.get('/', async (_req, res) => {
  res.json((await pool.query('SELECT 1')).rows)
})
`
const app = `import express from 'express'
import { router } from './routes.js'
const app = express()
app.use('/', router)
app.listen(3000)
`
const files = { 'pool.ts': pool, 'routes.ts': routes, 'app.ts': app }

describe('the ambient configuration', () => {
  it('asks the application for the signal of its requests, and adds it', () => {
    const { messages, fixed } = lint(files, 'app.ts')
    expect(messages).toEqual(['app-establishes-nothing'])
    expect(fixed.output).toBe(`import express from 'express'
import { router } from './routes.js'
import { ctxSignal } from '@ctx-fix/runtime/express'
const app = express()
app.use(ctxSignal())
app.use('/', router)
app.listen(3000)
`)
    expect(fixed.messages).toEqual([])
  })

  it('asks nothing of the calls, nor of routes whose application is elsewhere', () => {
    expect(lint(files, 'pool.ts').messages).toEqual([])
    expect(lint(files, 'routes.ts').messages).toEqual([])
  })

  it('asks nothing of an application that reaches no database', () => {
    const still = `import express from 'express'
const app = express()
app.get('/', (_req, res) => res.json({}))
`
    expect(lint({ 'app.ts': still }, 'app.ts').messages).toEqual([])
  })

  const handle = `async (_req, res) => { res.json((await pool.query('SELECT 1')).rows) }`
  const head = `import express from 'express'\nimport { pool } from './pool.js'\n`

  it.each([
    [
      'in a field',
      `export class Server { app = express(); start() { this.app.get('/', ${handle}) } }`,
    ],
    [
      'by a constructor',
      `export class Server { constructor() { this.app = express(); this.app.get('/', ${handle}) } }`,
    ],
    ['behind its declaration', `let app; app = express(); app.get('/', ${handle})`],
    ['and exported at once', `const app = module.exports = express(); app.get('/', ${handle})`],
    ['in a chain', `export default express().use(express.json()).get('/', ${handle})`],
    [
      'beside another that has it',
      `import { ctxSignal } from '@ctx-fix/runtime/express'; const admin = express(); admin.use(ctxSignal()); const app = express(); app.get('/', ${handle})`,
    ],
  ])('asks an application that is made %s', (_, text) => {
    const { messages, fixed } = lint({ 'pool.ts': pool, 'app.ts': head + text }, 'app.ts')
    expect(messages).toEqual(['app-establishes-nothing'])
    expect(fixed.messages).toEqual([])
    expect(fixed.output).toContain('.use(ctxSignal())')
  })

  it('asks a handler that belongs to no application for a wrapper, and adds it', () => {
    const route = `import { pool } from './pool.js'
export async function GET(request: Request) {
  return Response.json((await pool.query('SELECT 1')).rows)
}
`
    const { messages, fixed } = lint({ 'pool.ts': pool, 'route.ts': route }, 'route.ts')
    expect(messages).toEqual(['entry-establishes-nothing'])
    expect(fixed.output).toContain(
      'export const GET = withRequestSignal(async function GET(request: Request) {',
    )
    expect(fixed.messages).toEqual([])
  })
})

it('the configuration of all rules has each of them', () => {
  expect(Object.keys(plugin.configs.all.rules)).toEqual(
    Object.keys(plugin.rules).map((name) => `ctx/${name}`),
  )
})
