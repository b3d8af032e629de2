import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

/** The ambient fix of one file, verified; a second one must change nothing and find nothing. */
async function surrounded(text: string): Promise<string> {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ experimentalDecorators: true, skipLibCheck: true }),
    'src/app.ts': text,
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
  expect(first.report.summary.rolledBack).toBe(0)
  const write = await first.prepareWrite()
  await write()
  const second = await fixProject(project, { verify: true })
  expect(second.changes).toEqual([])
  expect(second.report.findings.filter((each) => !each.fixed)).toEqual([])
  expect(second.report.sinks.map((each) => each.status)).toEqual(['propagated'])
  return readFileSync(file, 'utf8')
}

const POOL = lines(`import { Pool } from 'pg'`, `const pool = new Pool()`)
const BODY = `  return Response.json((await pool.query('SELECT 1')).rows)`

describe('a handler that belongs to no application', () => {
  it('is wrapped where it is an exported arrow', async () => {
    const text = lines(POOL, `export const GET = async (request: Request) => {`, BODY, `}`)
    const after = await surrounded(text)
    expect(after).toContain(`import { withRequestSignal } from '@ctx-fix/runtime/web'`)
    expect(after).toContain('export const GET = withRequestSignal(async (request: Request) => {')
    expect(after).toContain(`${BODY}\n})`)
  })

  it('becomes a constant where it is an exported declaration', async () => {
    const text = lines(POOL, `export async function GET(request: Request) {`, BODY, `}`)
    const after = await surrounded(text)
    expect(after).toContain(
      'export const GET = withRequestSignal(async function GET(request: Request) {',
    )
    expect(after).toContain(`${BODY}\n})`)
  })

  it('is wrapped under the type of its platform', async () => {
    const text = lines(
      `import type { Handler } from 'aws-lambda'`,
      POOL,
      `export const handler: Handler = async (event, context) => {`,
      `  await pool.query('SELECT $1', [event])`,
      `}`,
    )
    const after = await surrounded(text)
    expect(after).toContain(
      'export const handler: Handler = withDeadlineSignal(async (event, context) => {',
    )
  })
})

describe('a Lambda function under a name of its own', () => {
  it.each([
    ['with its context', 'event: APIGatewayProxyEvent, context: Context'],
    ['with the event alone', 'event: APIGatewayProxyEvent'],
  ])('is wrapped: %s', async (_, params) => {
    const text = lines(
      `import type { APIGatewayProxyEvent, Context } from 'aws-lambda'`,
      POOL,
      `export type Kept = Context`,
      `export const getUser = async (${params}) => {`,
      `  await pool.query('SELECT $1', [event.path])`,
      `  return { statusCode: 200, body: '' }`,
      `}`,
    )
    const after = await surrounded(text)
    expect(after).toContain(`export const getUser = withDeadlineSignal(async (${params}) => {`)
  })
})

describe('a listener of a server of Node', () => {
  it.each(['node:http', 'node:http2'])('is wrapped where it stands: %s', async (module) => {
    const text = lines(
      `import { createServer } from '${module}'`,
      POOL,
      `createServer(async (req, res) => {`,
      `  const { rows } = await pool.query('SELECT $1', [req.url])`,
      `  res.end(JSON.stringify(rows))`,
      `}).listen(0)`,
    )
    const after = await surrounded(text)
    expect(after).toContain(`import { withRequestSignal } from '@ctx-fix/runtime/node'`)
    expect(after).toContain('createServer(withRequestSignal(async (req, res) => {')
  })

  it('is wrapped where it is given streams of HTTP/2', async () => {
    const text = lines(
      `import { createServer } from 'node:http2'`,
      POOL,
      `const server = createServer()`,
      `server.on('stream', async (stream, headers, flags) => {`,
      `  const { rows } = await pool.query('SELECT $1', [headers[':path'], flags])`,
      `  stream.end(JSON.stringify(rows))`,
      `})`,
    )
    const after = await surrounded(text)
    expect(after).toContain(
      `server.on('stream', withRequestSignal(async (stream, headers, flags) => {`,
    )
  })

  it('gives what it gave, where another looks after its errors', async () => {
    const text = lines(
      `import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'`,
      POOL,
      `async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {`,
      `  const { rows } = await pool.query('SELECT $1', [req.url])`,
      `  res.end(JSON.stringify(rows))`,
      `}`,
      `createServer((req, res) => {`,
      `  handle(req, res).catch((error: Error) => res.destroy(error))`,
      `}).listen(0)`,
    )
    expect(await surrounded(text)).toContain(
      'const handle = withRequestSignal(async function handle(',
    )
  })

  it('is wrapped by its name, where it is one', async () => {
    const text = lines(
      `import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'`,
      POOL,
      `async function handle(req: IncomingMessage, res: ServerResponse) {`,
      `  const { rows } = await pool.query('SELECT $1', [req.url])`,
      `  res.end(JSON.stringify(rows))`,
      `}`,
      `const server = createServer()`,
      `server.on('request', handle)`,
    )
    const after = await surrounded(text)
    expect(after).toContain(`server.on('request', withRequestSignal(handle))`)
  })
})

describe('a method that is called with no request', () => {
  it('is decorated below what makes it a job', async () => {
    const text = lines(
      `import { Injectable } from '@nestjs/common'`,
      `import { Cron } from '@nestjs/schedule'`,
      POOL,
      `@Injectable()`,
      `export class Sweeper {`,
      `  @Cron('0 3 * * *')`,
      `  async sweep() {`,
      `    await pool.query('DELETE FROM sessions')`,
      `  }`,
      `}`,
    )
    const after = await surrounded(text)
    expect(after).toContain(`  @Cron('0 3 * * *')\n  @JobSignal()\n  async sweep() {`)
  })
})
