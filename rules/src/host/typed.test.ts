import * as parser from '@typescript-eslint/parser'
import { ESLint } from 'eslint'
import { expect, it, onTestFinished } from 'vitest'
import { createFolder } from '../hosts/scenario.js'
import plugin from '../index.js'

/** A package of which only the declarations tell that it hands out pools. */
const declarations = `declare module 'vault' {
  import type { Pool } from 'pg'
  export function open(): Pool
  export function resolve<T>(token: new (...args: never[]) => T): T
  export function once<T>(make: () => T): () => T
  export const pools: Map<string, Pool>
  export class Tenants extends Map<string, Pool> {}
  export interface Tenant { readonly db: Pool; readonly name: string }
  export function tenants(): Promise<readonly Tenant[]>
}
`

/** A package that takes signals, in its own ways. */
const sdk = `declare module 'sdk' {
  export interface Options { retries?: number; signal?: AbortSignal }
  export function send(url: string, options?: Options): Promise<string>
  export function wait(ms: number, signal?: AbortSignal): Promise<void>
  export function load(id: string): Promise<string>
  export function load(id: string, options: { abortSignal?: AbortSignal | null } | string): Promise<string>
  export function bound(url: string, options: { signal: AbortSignal }): Promise<string>
  export function joined(name: string, ...parts: string[]): Promise<string>
  export function on(name: string, run: (signal: AbortSignal) => void): void
  export function later(run: () => void): void
  export function close(options?: Options): Promise<void>
  export class Client { get(id: string, query?: object, options?: Options): Promise<string> }
}
`

async function linesOf(
  code: string,
  typed: boolean,
  rule = 'require-signal',
): Promise<readonly (string | undefined)[]> {
  const { root, remove } = createFolder({
    'vault.d.ts': declarations,
    'sdk.d.ts': sdk,
    'main.ts': code,
    'tsconfig.json': '{"compilerOptions":{"strict":true,"module":"nodenext","skipLibCheck":true}}',
  })
  onTestFinished(remove)
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.ts'],
        languageOptions: {
          parser,
          parserOptions: typed ? { projectService: true, tsconfigRootDir: root } : {},
        },
        plugins: { ctx: plugin },
        rules: { [`ctx/${rule}`]: 'error', 'ctx/detached-needs-reason': 'error' },
      },
    ],
  })
  const [result] = await eslint.lintFiles('main.ts')
  const lines = code.split('\n')
  return (result?.messages ?? []).map(({ line }) => lines[line - 1]?.trim())
}

const receivers = `import { once, open, pools, resolve, Tenants, tenants } from 'vault'

class Repo {
  constructor(readonly db: import('pg').Pool) {}
}

export async function everything(signal: AbortSignal) {
  await open().query('SELECT 1')
  await resolve(Repo).db.query('SELECT 2')
  await once(() => open())().query('SELECT 3')
  await pools.get('a')?.query('SELECT 4')
  const own = new Tenants()
  await own.get('a')?.query('SELECT 5')
  await Promise.all((await tenants()).map((each) => each.db.query('SELECT 6')))
  const names = new Map<string, string>()
  names.get('a')?.at(0)
  const found = new Set<string>()
  found.delete('a')
}
`

it('asks the checker what a value from another package is', async () => {
  const statements = receivers
    .split('\n')
    .flatMap((line) => (/SELECT/.test(line) ? [line.trim()] : []))
  expect(await linesOf(receivers, true)).toEqual(statements)
})

it('knows without types only what a container makes of a class that it is given', async () => {
  expect(await linesOf(receivers, false)).toEqual(["await resolve(Repo).db.query('SELECT 2')"])
})

it('takes what a library gives the callbacks of a statement for parts of that statement', async () => {
  const code = `import knex from 'knex'
const db = knex({ client: 'pg' })

export async function unused(signal: AbortSignal) {
  return db('users')
    .whereIn('id', (builder) => builder.select('user_id').from('grants').where((inner) => inner.where('role', 1)))
    .leftJoin('teams', function () {
      this.on('teams.id', 'users.team_id').andOn('teams.kind', 'users.kind')
    })
}
`
  expect(await linesOf(code, true)).toEqual(["return db('users')"])
})

it('passes the signal at hand to packages that take one by their types', async () => {
  const code = `import { bound, Client, close, joined, later, load, on, send, wait } from 'sdk'
import type { Options } from 'sdk'

export async function forgotten(client: Client, signal: AbortSignal) {
  await send('/a') // lost
  await send('/a', { retries: 2 }) // lost
  await wait(10) // lost
  await load('a') // lost
  await client.get('a') // lost
  await Promise.all(['b', 'c'].map((id) => send(id))) // lost
}

export async function passed(client: Client, options: Options, signal: AbortSignal) {
  await send('/a', { signal })
  await send('/a', { retries: 2, ...options })
  await send('/a', options)
  await send('/a', { signal: undefined })
  await wait(10, AbortSignal.any([signal, AbortSignal.timeout(1_000)]))
  await bound('/a', { signal })
  await joined('a', 'b')
  on('a', () => {})
  signal.addEventListener('abort', () => {})
  later(() => {
    void send('/late')
  })
  // ctx:detached -- the audit outlives the request
  await send('/audit')
  try {
    await send('/b', { signal })
  } finally {
    await close()
  }
}

export async function without(client: Client) {
  await client.get('a')
  await send('/a')
}
`
  const lost = code.split('\n').flatMap((line) => (line.endsWith('// lost') ? [line.trim()] : []))
  expect(await linesOf(code, true, 'forward-signal')).toEqual(lost)
  expect(await linesOf(code, false, 'forward-signal')).toEqual([])
})
