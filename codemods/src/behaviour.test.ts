import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ESM } from './testing/sample-project.js'

/**
 * `behaviour.json` of a situation: statements that make its tables, requests with the answers that are expected, and the
 * rows that are to be left. The program as it is before and the one after answer alike.
 */
interface Behaviour {
  readonly database: readonly string[]
  /** The module that has the application, `src/app.js` where it is not said. */
  readonly app?: string
  readonly exchanges: readonly {
    readonly send: string
    readonly body?: unknown
    /** 200 where it is not said. */
    readonly status?: number
    /** Of an object, some of its members. */
    readonly answer?: unknown
  }[]
  /** Rows by the query that gives them. */
  readonly leaves?: Readonly<Record<string, readonly object[]>>
}

interface Seen {
  readonly answers: readonly { readonly status: number; readonly answer: unknown }[]
  readonly rows: Readonly<Record<string, readonly object[]>>
}

const situations = resolve(import.meta.dirname, '../../fixtures/before-after')
const samples = resolve(import.meta.dirname, '../../.tmp')
const names = readdirSync(situations)
const running = names.filter((name) => existsSync(behaviourFile(name)))

/** Those that no process of Node.js can run as they stand, or in which no request gets anywhere. */
const notRun: Readonly<Record<string, string>> = {
  'error-handler': 'nothing in it fails',
  'exact-optional-property-types': 'asks a service that is not there',
  'fastify-plugins-in-folders':
    'is loaded by fastify-cli, with plugins that are not installed here',
  'path-alias': 'needs a bundler',
  'request-by-decorator': 'has declarations alone of its frameworks',
}

let database: Awaited<ReturnType<typeof createTestDatabase>>
let workspace: string
let before: Readonly<Record<string, Seen>>
let after: Readonly<Record<string, Seen>>
beforeAll(async () => {
  mkdirSync(samples, { recursive: true })
  workspace = mkdtempSync(join(samples, 'behaviour-'))
  database = await createTestDatabase()
  before = seenOf('before')
  after = seenOf('after')
}, 120_000)
afterAll(async () => {
  await rm(workspace, { recursive: true, force: true })
  await database.drop()
})

test('every situation runs, or says why not', () => {
  expect([...running, ...Object.keys(notRun)].sort()).toEqual(names)
})

test.each(running)('%s: answers as before', (name) => {
  const { exchanges, leaves = {} } = JSON.parse(
    readFileSync(behaviourFile(name), 'utf8'),
  ) as Behaviour
  const expected = exchanges.map(({ status = 200, answer }) =>
    answer === undefined ? { status } : { status, answer },
  )
  expect(before[name]).toMatchObject({ answers: expected, rows: leaves })
  expect(after[name]).toEqual(before[name])
})

function behaviourFile(name: string): string {
  return join(situations, name, 'behaviour.json')
}

/** Runs all programs in one process, against a real PostgreSQL. */
function seenOf(side: 'before' | 'after'): Readonly<Record<string, Seen>> {
  const folder = join(workspace, side)
  for (const name of running) {
    compile(join(situations, name, side), join(folder, name))
    cpSync(behaviourFile(name), join(folder, name, 'behaviour.json'))
    const own = join(situations, name, 'before', 'package.json')
    writeFileSync(
      join(folder, name, 'package.json'),
      existsSync(own) ? readFileSync(own, 'utf8') : ESM,
    )
  }
  const runner = join(import.meta.dirname, 'testing', 'run-behaviour.mjs')
  const output = join(workspace, `${side}.json`)
  const address = new URL(database.connectionString)
  const { status, stderr } = spawnSync(process.execPath, [runner, folder, output], {
    encoding: 'utf8',
    env: {
      ...process.env,
      // What a handler throws on purpose is no news.
      NODE_ENV: 'test',
      PGHOST: address.hostname,
      PGPORT: address.port,
      PGUSER: decodeURIComponent(address.username),
      PGPASSWORD: decodeURIComponent(address.password),
      PGDATABASE: database.name,
    },
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(readFileSync(output, 'utf8')) as Record<string, Seen>
}

function compile(from: string, to: string): void {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ES2022,
    jsx: ts.JsxEmit.React,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
  }
  for (const name of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    const path = join(to, name.replace(/\.tsx?$/, '.js'))
    mkdirSync(dirname(path), { recursive: true })
    if (/\.tsx?$/.test(name)) {
      const text = readFileSync(join(from, name), 'utf8')
      writeFileSync(path, ts.transpileModule(text, { compilerOptions }).outputText)
    } else if (name.endsWith('.js')) cpSync(join(from, name), path)
  }
}
