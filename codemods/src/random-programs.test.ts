import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import ts from 'typescript'
import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixProject, type FixResult, type ProjectInput } from './project.js'
import { typeErrors } from './testing/before-after.js'
import { layouts } from './testing/layouts.js'
import { randomProgram, type RandomProgram } from './testing/random-program.js'
import { rewrite } from './testing/rewrite.js'
import { ESM, sampleProject, tsconfig } from './testing/sample-project.js'

/** `RANDOM_PROGRAMS=2000 RANDOM_SEED=7` for more of them, or for those of another run. */
const count = Number(process.env['RANDOM_PROGRAMS'] ?? 20)
const seed = Number(process.env['RANDOM_SEED'] ?? Math.trunc(Math.random() * 2 ** 31))
/** One project of several programs: its libraries are type-checked once for all. */
const batch = 24

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const programs = fc.sample(randomProgram, { numRuns: count, seed })
const batches = Array.from({ length: Math.ceil(count / batch) }, (_, index) => index * batch)

test.each(batches)(
  `random programs of seed ${seed} from %i on`,
  { timeout: 300_000 },
  async (from) => {
    const files = Object.assign(
      {},
      ...programs.slice(from, from + batch).map(inFolder),
    ) as RandomProgram
    const { root } = sampleProject({
      'package.json': ESM,
      'tsconfig.json': tsconfig({ skipLibCheck: true }),
      ...files,
    })
    const names = Object.keys(files)
    const before = answersOf(root, 'before', names)
    expect(
      Object.values(before)
        .flat()
        .map(([status]) => status),
    ).not.toContain(500)

    const first = await fix(root, names)
    expect(lost(first, files), 'what is left or was rolled back').toEqual([])
    const write = await first.prepareWrite()
    await write()
    expect(typeErrors(root)).toEqual([])

    const second = await fix(root, names)
    expect(second.changes.map(({ after }) => after)).toEqual([])
    expect(answersOf(root, 'after', names)).toEqual(before)
  },
)

function inFolder(program: RandomProgram, index: number): RandomProgram {
  return Object.fromEntries(
    Object.entries(program).map(([name, text]) => [`src/p${index}/${name}`, text]),
  )
}

function fix(root: string, names: readonly string[]): Promise<FixResult> {
  const files = names.map((name) => join(root, name))
  const config = join(root, 'tsconfig.json')
  const input: ProjectInput = { root, files, report: files, tsconfig: config, config: {} }
  return fixProject(input, { verify: true })
}

/** What stays, with the text of one of the programs in which it does. */
function lost({ report }: FixResult, files: RandomProgram): readonly string[] {
  const left = report.findings.filter((each) => !each.fixed)
  const said = left.map((each) => `${each.file}:${each.line} ${each.refusal ?? ''} ${each.message}`)
  const folder = /src\/p\d+\//.exec(left[0]?.file ?? '')?.[0]
  const texts = Object.entries(files).flatMap(([name, text]) =>
    folder !== undefined && name.startsWith(folder) ? [`// ${name}\n${text}`] : [],
  )
  const { rolledBack } = report.summary
  return [...(rolledBack > 0 ? [`${rolledBack} rolled back`] : []), ...said, ...texts]
}

type Answers = Readonly<Record<string, readonly (readonly [number, string])[]>>

/** What the programs answer, compiled and run against a real PostgreSQL. */
function answersOf(root: string, folder: string, names: readonly string[]): Answers {
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 }
  for (const name of names) {
    const text = ts.sys.readFile(join(root, name)) ?? ''
    const path = join(root, folder, name.replace(/^src\//, '').replace(/\.ts$/, '.js'))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, ts.transpileModule(text, { compilerOptions: options }).outputText)
  }
  const runner = join(import.meta.dirname, 'testing', 'run-programs.mjs')
  const address = new URL(database.connectionString)
  const { stdout, stderr } = spawnSync(process.execPath, [runner, join(root, folder)], {
    encoding: 'utf8',
    env: {
      ...process.env,
      PGHOST: address.hostname,
      PGPORT: address.port,
      PGUSER: decodeURIComponent(address.username),
      PGPASSWORD: decodeURIComponent(address.password),
      PGDATABASE: database.name,
    },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as Answers
}

test.each(Object.entries(layouts))(
  `random programs of seed ${seed} keep %s: rewritten, they are what the others are`,
  (_, lay) => {
    for (const program of programs) {
      const laid = Object.entries(program).map(([name, text]) => [name, lay(text)] as const)
      const plain = rewrite(program).files
      const expected = Object.entries(plain).map(([name, text]) => [name, lay(text)] as const)
      expect(rewrite(Object.fromEntries(laid)).files).toEqual(Object.fromEntries(expected))
    }
  },
)
