import { describe, expect, it } from 'vitest'
import { fixed } from './testing/fixed.js'
import { lines } from './testing/sample-project.js'

const APP = lines(
  `import { Worker } from 'bullmq'`,
  `import express from 'express'`,
  `import cron from 'node-cron'`,
  `import { Pool } from 'pg'`,
  ``,
  `const db = new Pool()`,
  `const app = express()`,
  `app.get('/', async (req, res) => {`,
  `  res.json(await db.query('1'))`,
  `})`,
  `new Worker('q', async (job) => {`,
  `  await db.query('2')`,
  `}, { connection: { host: 'x' } })`,
  `cron.schedule('* * * * *', async () => {`,
  `  await db.query('3')`,
  `})`,
)

describe('frameworks that share a file', () => {
  it('get local names of their own for what several modules export as requestSignal', async () => {
    const text = await fixed(APP, 'explicit')
    expect(text).toContain(`import { requestSignal } from '@ctx-fix/runtime/express'`)
    expect(text).toContain(
      `import { requestSignal as requestSignalOfBullmq, withJobSignal } from '@ctx-fix/runtime/bullmq'`,
    )
    expect(text).toContain(
      `import { requestSignal as requestSignalOfJob } from '@ctx-fix/runtime/job'`,
    )
    expect(text).toContain(`  const signal = requestSignal(req)\n`)
    expect(text).toContain(`  const signal = requestSignalOfBullmq(job)\n`)
    expect(text).toContain(`  const signal = requestSignalOfJob()\n`)
  })

  it('get local names of their own for what is put around handlers', async () => {
    const text = await fixed(APP, 'ambient')
    expect(text).toContain(`app.use(ctxSignal())`)
    expect(text).toContain(`import { withJobSignal } from '@ctx-fix/runtime/bullmq'`)
    expect(text).toContain(
      `import { withJobSignal as withJobSignalOfJob } from '@ctx-fix/runtime/job'`,
    )
    expect(text).toContain(`new Worker('q', withJobSignal(async (job) => {`)
    expect(text).toContain(`cron.schedule('* * * * *', withJobSignalOfJob(async () => {`)
  })
})
