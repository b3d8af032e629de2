import { join } from 'node:path'
import { expect, it } from 'vitest'
import { analyzeProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

const APP = lines(
  `import express from 'express'`,
  `import { Pool } from 'pg'`,
  `import { ctxSignal } from '@ctx-fix/runtime/express'`,
  `const db = new Pool()`,
  `async function prepare() { await db.query('boot') }`,
  `await prepare()`,
  `const app = express()`,
  `app.use(ctxSignal())`,
  `app.get('/', async (req, res) => { res.json(await db.query('reached')) })`,
  `declare const bus: { on(name: string, listener: () => Promise<void>): void }`,
  `bus.on('a', async () => { await db.query('nobody knows who calls this') })`,
  `export const leave = async () => { await db.query('COMMIT') }`,
)

async function notices(propagation: 'ambient' | 'explicit') {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true }),
    'src/app.ts': APP,
    'src/app.test.ts': `import { Pool } from 'pg'\nexport const clean = () => new Pool().query('2')\n`,
  })
  const files = ['src/app.ts', 'src/app.test.ts'].map((each) => join(root, each))
  const { report } = await analyzeProject({
    root,
    files,
    report: files,
    tsconfig: join(root, 'tsconfig.json'),
    config: { propagation },
  })
  return report.notices.flatMap(({ code, message }) =>
    code === 'unreached-calls' ? [message.replaceAll(root, '')] : [],
  )
}

it('says which calls no entry point reaches, where signals surround entry points', async () => {
  expect(await notices('ambient')).toEqual([
    expect.stringMatching(
      /^1 database call is reached by no entry point that is known, .*: \/src\/app\.ts:11\. /,
    ),
  ])
})

it('says nothing where each call without a signal is a finding', async () => {
  expect(await notices('explicit')).toEqual([])
})
