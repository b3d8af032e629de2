import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

/** `src/app.ts` after runs with `todo`, each of them over what the one before has written. */
async function marked(text: string, runs = 1): Promise<string> {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true }),
    'src/app.ts': text,
  })
  const file = join(root, 'src/app.ts')
  const project = {
    root,
    files: [file],
    report: [file],
    tsconfig: join(root, 'tsconfig.json'),
    config: {},
  }
  for (let run = 0; run < runs; run += 1) {
    const write = await (await fixProject(project, { verify: true, todo: true })).prepareWrite()
    await write()
  }
  return readFileSync(file, 'utf8')
}

const POOL = lines(`import { Pool } from 'pg'`, `const pool = new Pool()`)
const WHY = '// TODO(ctx): require-signal: no entry point is known to reach it'

describe('comments above what is left', () => {
  it('say why, once, however often they are written', async () => {
    const text = lines(
      POOL,
      `export async function sweep(days: number[]) {`,
      `  for (const day of days) {`,
      `    await pool.query('DELETE FROM a WHERE day = $1', [day])`,
      `  }`,
      `}`,
    )
    const expected = text.replace('    await', `    ${WHY}\n    await`)
    expect(await marked(text)).toBe(expected)
    expect(await marked(text, 2)).toBe(expected)
  })

  it('go when nothing is left', async () => {
    const text = lines(
      POOL,
      `export async function sweep() {`,
      `  ${WHY}`,
      `  // ctx:detached -- a sweep ends when it has ended`,
      `  await pool.query('DELETE FROM a')`,
      `}`,
    )
    expect(await marked(text)).toBe(text.replace(`  ${WHY}\n`, ''))
  })

  it('stand above comments that belong to the line below', async () => {
    const text = lines(
      POOL,
      `export async function sweep() {`,
      `  // @ts-expect-error -- text is no number`,
      `  const n: number = await pool.query('DELETE FROM a')`,
      `  return n`,
      `}`,
    )
    expect(await marked(text, 2)).toBe(text.replace('  // @ts', `  ${WHY}\n  // @ts`))
  })

  it('keep the ends of lines', async () => {
    const text = lines(
      POOL,
      `export async function sweep() {`,
      `  await pool.query('DELETE FROM a')`,
      `}`,
    ).replaceAll('\n', '\r\n')
    expect(await marked(text, 2)).toBe(text.replace('  await', `  ${WHY}\r\n  await`))
  })

  it.each([
    [
      'a function on one line',
      `export async function sweep() { await pool.query('DELETE FROM a') }`,
    ],
    ['an arrow on one line', `export const sweep = () => pool.query('DELETE FROM a')`],
    [
      'a placeholder of a template',
      lines(
        'export const sweep = async () => `',
        "${(await pool.query('SELECT 1')).rowCount}",
        '`',
      ),
    ],
  ])('go above nothing but a statement that begins its line: %s', async (_, body) => {
    const text = `\uFEFF${lines(POOL, body)}`.replaceAll('\n', '\r\n')
    const [first, again] = [await marked(text), await marked(text, 2)]
    expect(again).toBe(first)
    expect(withoutTodos(first)).toBe(text)
    expect(first.split('\r\n').join('')).not.toMatch(/[\r\n]/)
  })

  it('stand above a decorated method’s statement, and not above its decorator', async () => {
    const text = lines(
      POOL,
      `function logged(_method: unknown, _context: ClassMethodDecoratorContext) {}`,
      `export class Sweeps {`,
      `  @logged`,
      `  async sweep() {`,
      `    await pool.query('DELETE FROM a')`,
      `  }`,
      `}`,
    )
    expect(await marked(text, 2)).toBe(text.replace('    await', `    ${WHY}\n    await`))
  })
})

function withoutTodos(text: string): string {
  return text.replaceAll(/[ \t]*\/\/ TODO\(ctx\): .*\r?\n/g, '')
}
