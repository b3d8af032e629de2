import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runIn } from './testing/run-in.js'
import { createFolder } from './testing/workspace.js'

const query = (name: string) =>
  `export async function ${name}(pool: Pool) {\n  return pool.query('SELECT 1')\n}\n`
const orders = `import type { Pool } from 'pg'\n${query('load')}`

const folder = () =>
  createFolder({
    'package.json': '{ "type": "module", "dependencies": { "pg": "^8" } }',
    'tsconfig.json': '{ "compilerOptions": { "module": "nodenext" }, "include": ["src"] }',
    'src/orders.ts': orders,
  })

describe('a baseline', () => {
  it('keeps what was there from being reported, also where lines have moved', async () => {
    const { root } = folder()
    expect(await runIn(root, ['check'])).toMatchObject({ exitCode: 1 })
    const { exitCode, stderr } = await runIn(root, ['baseline'])
    expect([exitCode, stderr]).toEqual([
      0,
      'ctx-fix: 1 finding in ctx-fix-baseline.json: ctx-fix check --baseline ctx-fix-baseline.json\n',
    ])
    writeFileSync(join(root, 'src/orders.ts'), `// A line.\n${orders}`)
    const after = await runIn(root, ['check', '--baseline', 'ctx-fix-baseline.json'])
    expect(after.exitCode).toBe(0)
    expect(after.stdout).toContain('1 known, in ctx-fix-baseline.json')
  })

  it('reports what is new', async () => {
    const { root } = folder()
    await runIn(root, ['baseline', '--out', 'known.json'])
    writeFileSync(join(root, 'src/orders.ts'), orders + query('all'))
    const { exitCode, stdout } = await runIn(root, ['check', '--baseline', 'known.json'])
    expect(exitCode).toBe(1)
    expect(stdout).toContain('6:10')
    expect(stdout).not.toContain('3:10')
  })

  it('says which of it is mended', async () => {
    const { root } = folder()
    await runIn(root, ['baseline'])
    writeFileSync(
      join(root, 'src/orders.ts'),
      orders.replace('  return', '  // ctx:detached -- a job\n  return'),
    )
    const { exitCode, stdout } = await runIn(root, ['check', '--baseline', 'ctx-fix-baseline.json'])
    expect(exitCode).toBe(0)
    expect(stdout).toContain('1 of ctx-fix-baseline.json not found any more')
  })

  it('is the same from every folder', async () => {
    const { root } = folder()
    await runIn(root, ['baseline'])
    await runIn(join(root, 'src'), ['baseline', '--out', 'other.json'])
    const read = (file: string) => readFileSync(join(root, file), 'utf8')
    expect(read('src/other.json')).toBe(read('ctx-fix-baseline.json'))
  })

  it.each([
    ['missing', undefined, 'cannot be read'],
    ['no JSON', '{', 'is not JSON'],
    ['something else', '{ "version": 1 }', 'is no baseline'],
  ])('%s: one line that names the file and the cure', async (_, text, why) => {
    const { root } = folder()
    if (text !== undefined) writeFileSync(join(root, 'known.json'), text)
    const { exitCode, stderr } = await runIn(root, ['check', '--baseline', 'known.json'])
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(new RegExp(`^ctx-fix: known.json ${why}: ctx-fix baseline .*\n$`))
  })
})
