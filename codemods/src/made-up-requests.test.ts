import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fixProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

const APP = lines(
  `import express, { type Request, type Response } from 'express'`,
  `import { Pool } from 'pg'`,
  `const pool = new Pool()`,
  `export class Users {`,
  `  async list(req: Request, res: Response) {`,
  `    res.json((await pool.query('SELECT 1')).rows)`,
  `  }`,
  `  health(req: Request, res: Response) {`,
  `    res.sendStatus(200)`,
  `  }`,
  `}`,
  `export const users = new Users()`,
  `export const app = express()`,
  `app.get('/', (req, res) => users.list(req, res))`,
  `app.get('/health', (req, res) => users.health(req, res))`,
)
const TEST = lines(
  `import type { Request, Response } from 'express'`,
  `import { users } from './app.js'`,
  `const req = { params: {} } as Request`,
  `const res = {} as Response`,
  `users.health(req, res)`,
  `await users.list(req, res)`,
  `const names = { list: (name: object, all: object) => [name, all] }`,
  `names.list(req, res)`,
)

test('tests that call a handler which asks its request for a signal are listed', async () => {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true }),
    'src/app.ts': APP,
    'src/app.test.ts': TEST,
  })
  const files = ['src/app.ts', 'src/app.test.ts'].map((each) => join(root, each))
  const project = { root, files, report: files, tsconfig: join(root, 'tsconfig.json'), config: {} }
  const { report } = await fixProject(project, { verify: true })
  const listed = report.notices.filter(({ code }) => code === 'made-up-request')
  expect(listed.map(({ message }) => message.replace(/^.*src\//, ''))).toEqual([
    'app.test.ts:6 calls list itself: requestSignal() refuses a made-up request',
  ])
})
