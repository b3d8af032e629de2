import { join } from 'node:path'
import { expect, it } from 'vitest'
import { analyzeProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

const SCHEMA = lines(
  `import { sql } from 'drizzle-orm'`,
  `import { drizzle } from 'drizzle-orm/postgres-js'`,
  `import postgres from 'postgres'`,
  `export const db = drizzle(postgres('postgres://localhost/shop'))`,
  `export const now = sql\`now()\``,
)

/** The names of the libraries that are said to be imported without a call that was recognised. */
async function unseen(text: string): Promise<string[]> {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({}),
    'src/app.ts': text,
  })
  const file = join(root, 'src/app.ts')
  const project = { root, files: [file], report: [file], tsconfig: join(root, 'tsconfig.json') }
  const { report } = await analyzeProject({ ...project, config: {} })
  return report.notices
    .filter(({ code }) => code === 'library-without-sinks')
    .map(({ message }) => message.replace(/ is imported.*/, ''))
}

it('names a package of which no call is recognised', async () => {
  expect(await unseen(SCHEMA)).toContain('drizzle-orm')
})

it('says nothing of a package whose calls are counted under the driver that it was imported with', async () => {
  const call = `export const all = async () => await db.select().from(table)\n`
  expect(await unseen(SCHEMA + call)).toEqual([])
})
