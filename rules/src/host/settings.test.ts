import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import { ESLint } from 'eslint'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createFolder } from '../hosts/scenario.js'
import plugin from '../index.js'

type Files = Readonly<Record<string, string>>

/** What the linter says of a file, with its settings, and the text that its fixes give. */
async function lint(files: Files, settings: unknown, rules: object = plugin.configs.all.rules) {
  const folder = createFolder({})
  onTestFinished(folder.remove)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.root, name)), { recursive: true })
    writeFileSync(join(folder.root, name), text)
  }
  const run = async (fix: boolean) => {
    const linter = new ESLint({
      cwd: folder.root,
      fix,
      overrideConfigFile: true,
      overrideConfig: [
        {
          files: ['**/*.{js,ts}'],
          languageOptions: { parser },
          plugins: { ctx: plugin },
          rules: rules,
          ...(settings === undefined ? {} : { settings: { ctx: settings } }),
        },
      ],
    })
    return (await linter.lintFiles([join(folder.root, Object.keys(files)[0] ?? '')]))[0]
  }
  const reported = (await run(false))?.messages ?? []
  return {
    rules: reported.map((each) => each.ruleId),
    messages: reported.map((each) => each.message),
    fixed: (await run(true))?.output,
  }
}

/** Two ways of saying the same: nothing, and what the setting makes of it. */
interface Effect {
  readonly files: Files
  readonly settings: object
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** In the message, and in the text that the fixes give with the setting. */
  readonly message?: string
  readonly fixed?: string
}

const pool = `import { Pool } from 'pg'\nconst pool = new Pool()\n`

const effects: Readonly<Record<string, Effect>> = {
  'signalNames: a name that stands for a signal': {
    files: {
      'a.js': `export async function load(id, cancel) {
  return fetch(\`https://a.example/\${id}\`)
}
`,
    },
    settings: { signalNames: ['cancel'] },
    before: ['ctx/require-signal'],
    after: ['ctx/require-signal'],
    // By its name alone: it is suggested, and a person decides.
    message: 'pass `{ signal: cancel }`',
  },
  'libraries: a sink of one’s own': {
    files: {
      'a.ts': `import { queryRows } from '@acme/db'
export const load = (signal: AbortSignal) => queryRows('SELECT 1')
`,
    },
    settings: {
      libraries: [
        {
          name: '@acme/db',
          kind: 'database',
          modules: ['@acme/db'],
          exports: { queryRows: 'Query' },
          entities: {
            Query: {
              call: {
                sink: { carriers: [{ kind: 'argument', arg: 1 }], effect: 'cancels', sql: 0 },
              },
            },
          },
        },
      ],
    },
    before: [],
    after: ['ctx/require-signal'],
    fixed: "queryRows('SELECT 1', signal)",
  },
  'libraries: a deriver of one’s own is a signal of the request': {
    files: {
      'a.ts': `import express from 'express'
import { signalFrom } from '@acme/http'
express().get('/', async (req, res: express.Response) => {
  const scope = signalFrom(req)
  await fetch('https://a.example')
})
`,
    },
    settings: {
      libraries: [
        {
          name: '@acme/http',
          kind: 'framework',
          modules: ['@acme/http'],
          exports: { signalFrom: 'SignalFrom' },
          entities: { SignalFrom: { call: { derives: 'request', returns: 'web#AbortSignal' } } },
        },
      ],
    },
    before: ['ctx/require-signal'],
    after: ['ctx/require-signal'],
    fixed: '{ signal: scope }',
  },
  'libraries: a module of the program, by its path': {
    files: {
      'src/a.ts': `import { run } from './db.js'
export const load = (signal: AbortSignal) => run('SELECT 1')
`,
      'src/db.ts': 'export const run = globalThis.runner as (sql: string) => Promise<object[]>\n',
    },
    settings: {
      libraries: [
        {
          name: 'own-db',
          kind: 'database',
          modules: ['./src/db.ts'],
          exports: { run: 'Run' },
          entities: {
            Run: { call: { sink: { carriers: [{ kind: 'wrap' }], effect: 'cancels', sql: 0 } } },
          },
        },
      ],
    },
    before: [],
    after: ['ctx/require-signal'],
    fixed: "withSignal(signal, () => run('SELECT 1'))",
  },
  'testGlobs: files in which nothing needs a signal': {
    files: {
      'tools/a.ts': `${pool}export const load = (signal: AbortSignal) => pool.query('SELECT 1')\n`,
    },
    settings: { testGlobs: ['tools/**'] },
    before: ['ctx/require-signal'],
    after: [],
  },
  'propagation: a signal that surrounds each request': {
    files: {
      'a.ts': `import express from 'express'
${pool}const app = express()
app.get('/', async (req, res: express.Response) => {
  await pool.query('SELECT 1')
})
`,
    },
    settings: { propagation: 'ambient' },
    before: ['ctx/require-signal'],
    after: ['ctx/derive-in-handler'],
    fixed: 'app.use(ctxSignal())',
  },
  'budgets: deadlines that are longer': {
    files: {
      'a.ts': `import { defineBudgets, deriveSignal } from '@ctx-fix/runtime'
const BATCH = 5 * 60_000
export const budgets = defineBudgets({
  payment: { timeoutMs: 5_000 },
  report: { timeoutMs: 20_000 },
  feed: { timeoutMs: 400 },
})
export async function load(signal: AbortSignal) {
  await fetch('https://a.example', { signal: deriveSignal(signal, { timeoutMs: 2_000 }) })
  await fetch('https://a.example', { signal: deriveSignal(signal, { timeoutMs: BATCH }) })
  await fetch('https://a.example', { signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]) })
}
`,
    },
    settings: { budgets: { payment: 3_000, report: 30_000 } },
    before: [],
    after: [
      'ctx/require-deadline',
      'ctx/require-deadline',
      'ctx/require-deadline',
      'ctx/require-deadline',
    ],
  },
}

describe('what each setting changes', () => {
  it.each(Object.entries(effects))('%s', async (_name, { files, settings, ...expected }) => {
    const before = await lint(files, undefined)
    expect(before.rules).toEqual(expected.before)
    const after = await lint(files, settings)
    expect(after.rules).toEqual(expected.after)
    if (expected.message !== undefined) {
      expect(before.messages[0]).not.toContain(expected.message)
      expect(after.messages[0]).toContain(expected.message)
    }
    if (expected.fixed === undefined) return
    expect(before.fixed ?? '').not.toContain(expected.fixed)
    expect(after.fixed).toContain(expected.fixed)
  })

  it('a budget is named in the message, with what it allows', async () => {
    const { files, settings } = effects['budgets: deadlines that are longer'] as Effect
    const { messages } = await lint(files, settings)
    expect(messages).toEqual([
      expect.stringMatching(
        /^`payment` lasts 5 s, longer than `payment` allows: use `3 s` at most/,
      ),
      expect.stringMatching(
        /^No budget of the settings is called `feed`: use one of `payment`, `report`/,
      ),
      expect.stringMatching(/^`deriveSignal` lasts 300 s, longer than `report` allows: use `30 s`/),
      expect.stringMatching(/^`AbortSignal.timeout` lasts 60 s, longer than `report` allows/),
    ])
  })
})

it('tests, migrations and generated files are known by their names', async () => {
  const text = `${pool}export const load = (signal: AbortSignal) => pool.query('SELECT 1')\n`
  const exempt = [
    'a.test.ts',
    '__tests__/a.ts',
    'e2e/a.ts',
    '__e2e__/a.ts',
    'migrations/001.ts',
    'generated/a.ts',
  ]
  for (const name of exempt) expect((await lint({ [name]: text }, undefined)).rules).toEqual([])
  expect((await lint({ 'latest.ts': text }, undefined)).rules).toEqual(['ctx/require-signal'])
})

it('what one package lists holds for no other that is linted in the same run', async () => {
  const code = `const app = require('fastify')()
app.get('/users', async (request) => app.pg.query('SELECT 1'))
`
  const listing = (name: string) => ({
    'app.js': code,
    'package.json': JSON.stringify({ type: 'commonjs', dependencies: { [name]: '^6.0.0' } }),
  })
  const found = []
  for (const name of ['@fastify/cors', '@fastify/postgres', '@fastify/helmet'])
    found.push((await lint(listing(name), undefined)).rules)
  expect(found).toEqual([[], ['ctx/require-signal'], []])
})

describe('the option of require-signal', () => {
  const files = { 'a.ts': `${pool}export const count = () => pool.query('SELECT 1')\n` }
  it.each([
    ['report', 1],
    ['off', 0],
  ])('noSignalInScope: %s', async (noSignalInScope, reports) => {
    const rules = { 'ctx/require-signal': ['error', { noSignalInScope }] }
    expect((await lint(files, undefined, rules)).rules).toHaveLength(reports)
  })

  it('a value that it does not know', async () => {
    const rules = { 'ctx/require-signal': ['error', { noSignalInScope: 'on' }] }
    await expect(lint(files, undefined, rules)).rejects.toThrow(
      /"ctx\/require-signal":\s+Value "on" should be equal to one of the allowed values/,
    )
  })
})

describe('a slip in the settings stops the linter and says where it is', () => {
  it.each<[settings: unknown, message: string]>([
    ['ambient', 'eslint-plugin-ctx: "settings.ctx" must be an object, not "ambient"'],
    [
      { signalName: ['a'] },
      '"settings.ctx" has an unknown key "signalName", did you mean "signalNames"?',
    ],
    [{ signalNames: 'a' }, '"settings.ctx.signalNames" must be an array, not "a"'],
    [{ testGlobs: [1] }, '"settings.ctx.testGlobs[0]" must be a string, not 1'],
    [
      { budgets: { a: -1 } },
      '"settings.ctx.budgets.a" must be a positive number of milliseconds, not -1',
    ],
    [{ libraries: [{ name: 'a' }] }, '"settings.ctx.libraries[0]" lacks "kind"'],
  ])('%j', async (settings, message) => {
    // Also where nothing is asked of the file itself.
    for (const name of ['a.ts', 'a.test.ts'])
      await expect(lint({ [name]: 'export {}\n' }, settings)).rejects.toThrow(message)
  })
})
