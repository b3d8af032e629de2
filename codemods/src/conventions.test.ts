import { describe, expect, it } from 'vitest'
import { fixedFiles } from './testing/fixed.js'
import { lines } from './testing/sample-project.js'

const DB = lines(`import { Pool } from 'pg'`, `export const pool = new Pool()`)
const POOL = (from: string) => `import { pool } from '${from}'`

const NEXT = {
  'db.ts': DB,
  'next.config.js': lines(`import 'next'`),
  'pages/api/users.ts': lines(
    POOL('../../db.js'),
    `import type { NextApiRequest, NextApiResponse } from 'next'`,
    ``,
    `export default async function handler(req: NextApiRequest, res: NextApiResponse) {`,
    `  res.end(JSON.stringify((await pool.query('SELECT 1')).rows))`,
    `}`,
  ),
  'app/actions.ts': lines(
    `'use server'`,
    ``,
    POOL('../db.js'),
    ``,
    `export async function save(form: FormData) {`,
    `  await pool.query('INSERT INTO names VALUES ($1)', [form.get('name')])`,
    `}`,
  ),
  'app/users/page.tsx': lines(
    POOL('../../db.js'),
    ``,
    `export default async function Page() {`,
    `  return (await pool.query('SELECT 1')).rows.length`,
    `}`,
  ),
  'app/users/route.ts': lines(
    POOL('../../db.js'),
    ``,
    `export const GET = async () => Response.json((await pool.query('SELECT 1')).rows)`,
  ),
}

describe('Next.js', () => {
  it('derives signals of routes, of the pages API, of actions and of pages', async () => {
    const after = await fixedFiles(NEXT, 'explicit')
    expect(after['pages/api/users.ts']).toContain(
      'res: NextApiResponse) {\n  const signal = requestSignal(req, res)\n',
    )
    expect(after['app/actions.ts']).toBe(
      lines(
        `'use server'`,
        ``,
        POOL('../db.js'),
        `import { requestSignal } from '@ctx-fix/runtime/next'`,
        ``,
        `export async function save(form: FormData) {`,
        `  const signal = requestSignal()`,
        `  await pool.query({ text: 'INSERT INTO names VALUES ($1)', values: [form.get('name')], signal })`,
        `}`,
      ),
    )
    expect(after['app/users/page.tsx']).toContain('Page() {\n  const signal = requestSignal()\n')
    expect(after['app/users/route.ts']).toContain(
      `GET = async (request: Request) => Response.json((await pool.query({ text: 'SELECT 1', signal: requestSignal(request) })).rows)`,
    )
    expect(after['db.ts']).toContain(`import '@ctx-fix/runtime/pg'`)
  })

  it('puts the signal around each of them', async () => {
    const after = await fixedFiles(NEXT, 'ambient')
    expect(after['pages/api/users.ts']).toContain(
      'export default withRequestSignal(async function handler(req: NextApiRequest',
    )
    expect(after['app/actions.ts']).toContain(
      'export const save = withRequestSignal(async function save(form: FormData) {',
    )
    expect(after['app/users/page.tsx']).toContain(
      'export default withRequestSignal(async function Page() {',
    )
    expect(after['app/users/route.ts']).toContain(
      `from '@ctx-fix/runtime/web'\n\nexport const GET = withRequestSignal(async () =>`,
    )
  })
})

const ROUTER = {
  'app/db.ts': DB,
  'app/routes/users.tsx': lines(
    `import type { ActionFunctionArgs, LoaderFunctionArgs } from 'react-router'`,
    POOL('../db.js'),
    ``,
    `export async function loader({ params }: LoaderFunctionArgs) {`,
    `  return (await pool.query('SELECT $1', [params.id])).rows`,
    `}`,
    ``,
    `export const action = async (args: ActionFunctionArgs) => pool.query('SELECT $1', [args.params.id])`,
  ),
  'app/routes/all.tsx': lines(
    POOL('../db.js'),
    ``,
    `export const loader = async () => (await pool.query('SELECT 1')).rows`,
  ),
}

describe('React Router', () => {
  it('derives the signal from the request, which a loader may have to take', async () => {
    const after = await fixedFiles(ROUTER, 'explicit')
    expect(after['app/routes/users.tsx']).toBe(
      lines(
        `import type { ActionFunctionArgs, LoaderFunctionArgs } from 'react-router'`,
        POOL('../db.js'),
        `import { requestSignal } from '@ctx-fix/runtime/web'`,
        ``,
        `export async function loader({ params, request }: LoaderFunctionArgs) {`,
        `  const signal = requestSignal(request)`,
        `  return (await pool.query({ text: 'SELECT $1', values: [params.id], signal })).rows`,
        `}`,
        ``,
        `export const action = async (args: ActionFunctionArgs) => pool.query({ text: 'SELECT $1', values: [args.params.id], signal: requestSignal(args) })`,
      ),
    )
    expect(after['app/routes/all.tsx']).toContain(
      'loader = async ({ request }: { request: Request }) => (await pool.query(',
    )
  })

  it('puts the signal around loaders and actions', async () => {
    const after = await fixedFiles(ROUTER, 'ambient')
    expect(after['app/routes/users.tsx']).toContain(
      'export const loader = withRequestSignal(async function loader({ params }: LoaderFunctionArgs) {',
    )
    expect(after['app/routes/users.tsx']).toContain(
      'export const action = withRequestSignal(async (args: ActionFunctionArgs) => pool',
    )
    expect(after['app/routes/all.tsx']).toContain('loader = withRequestSignal(async () => (await')
  })
})
