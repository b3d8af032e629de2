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

async function linesOf(code: string, typed: boolean): Promise<readonly (string | undefined)[]> {
  const { root, remove } = createFolder({
    'vault.d.ts': declarations,
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
        rules: { 'ctx/require-signal': 'error' },
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
