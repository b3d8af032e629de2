import { expect, it } from 'vitest'
import { runBin } from './testing/bin.js'
import { sampleApp } from './testing/sample-app.js'
import { createRepository } from './testing/workspace.js'

const leaking = `import { pool } from './db.js'

export async function count(): Promise<number> {
  const client = await pool.connect()
  const { rowCount } = await client.query('SELECT 1')
  client.release()
  return rowCount ?? 0
}
`

const mended = `import { pool } from './db.js'

export async function count(): Promise<number> {
  const client = await pool.connect()
  try {
    const { rowCount } = await client.query('SELECT 1')
    return rowCount ?? 0
  } finally {
    client.release()
  }
}
`

it('makes the change of one rule, and no other', { timeout: 60_000 }, () => {
  const { root, read, git } = createRepository({ ...sampleApp, 'src/count.ts': leaking })
  const patch = runBin(root, 'codemod', 'release-client', '--diff')
  expect(patch.stdout).toContain('+  } finally {')
  expect(git('status', '--porcelain')).toBe('')

  const written = runBin(root, 'codemod', 'release-client', 'src')
  expect(written).toMatchObject({ status: 0, stderr: '' })
  expect(git('diff', '--name-only')).toBe('src/count.ts\n')
  expect(read('src/count.ts')).toBe(mended)
  expect(written.stdout).toContain('✔ 0 findings, 1 fixed')

  // What is there to be done is done: a changed file is in nobody's way.
  expect(runBin(root, 'codemod', 'release-client')).toMatchObject({ status: 0, stderr: '' })
  expect(read('src/count.ts')).toBe(mended)
})

it('changes no file with uncommitted changes', { timeout: 60_000 }, () => {
  const { root, read, write } = createRepository({ ...sampleApp, 'src/count.ts': leaking })
  write({ 'src/count.ts': `// mine\n${leaking}` })
  const { status, stderr } = runBin(root, 'codemod', 'release-client')
  expect(status).toBe(2)
  expect(stderr).toContain('uncommitted changes in src/count.ts')
  expect(read('src/count.ts')).toBe(`// mine\n${leaking}`)
})

it.each([
  ['a name that is none', ['nope'], "there is no codemod 'nope', only derive-in-handler,"],
  ['no name', [], "missing required argument 'name'"],
  ['detach without a reason', ['detach'], 'detach needs --reason'],
  ['an empty reason', ['detach', '--reason', ' '], 'detach needs --reason'],
  ['a reason of two lines', ['detach', '--reason', 'a\nb'], '--reason is one line of a comment'],
  ['a reason for another', ['release-client', '--reason', 'a'], '--reason is for detach'],
])('wrong use: %s', (_situation, args, message) => {
  const { root } = createRepository(sampleApp)
  const { status, stderr } = runBin(root, 'codemod', ...args)
  expect(status).toBe(2)
  expect(stderr).toContain(message)
})
