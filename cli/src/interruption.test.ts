import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { bin } from './testing/bin.js'
import { sampleApp } from './testing/sample-app.js'
import { createRepository } from './testing/workspace.js'

const many = Object.fromEntries(
  Array.from({ length: 200 }, (_, index) => [
    `src/users${String(index)}.ts`,
    `import express from 'express'
import { pool } from './db.js'

export const router = express.Router()

router.get('/users', async (_req, res) => {
  res.json(await pool.query('SELECT ${String(index)}'))
})
`,
  ]),
)

it('a kill at any moment leaves every file either old or new', { timeout: 240_000 }, async () => {
  const { root, read, git } = createRepository({ ...sampleApp, ...many })
  const files = git('ls-files', 'src').trim().split('\n')
  const readAll = () => files.map(read)
  const start = () => spawn(process.execPath, [bin, '--no-verify'], { cwd: root, stdio: 'ignore' })

  const old = readAll()
  const whole = start()
  const exit = once(whole, 'exit')
  const began = await waitForWriting(whole, join(root, 'src'))
  await exit
  const writing = performance.now() - began
  const fresh = readAll()
  expect(fresh.filter((text, index) => text !== old[index])).toHaveLength(files.length)

  for (let round = 0; round < 20; round++) {
    git('checkout', '-q', '.')
    git('clean', '-qfd')
    const child = start()
    const ended = once(child, 'exit')
    await waitForWriting(child, join(root, 'src'))
    await sleep(Math.random() * writing)
    child.kill('SIGKILL')
    await ended
    for (const [index, text] of readAll().entries())
      expect([old[index], fresh[index]]).toContain(text)
  }
})

/** The first temporary file tells that writing has begun; planning takes far longer. */
async function waitForWriting(child: ChildProcess, folder: string): Promise<number> {
  while (child.exitCode === null) {
    if (readdirSync(folder).some((name) => name.includes('.ctx-fix-'))) break
    await sleep(1)
  }
  return performance.now()
}
