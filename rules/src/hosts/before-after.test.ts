import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ESLint } from 'eslint'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEslint, isOurs } from './eslint.js'
import { createFolder, type Folder } from './scenario.js'
import { compilerOptions, copySituations, fixtures } from './situations.js'

const situations = join(fixtures, 'before-after')
const names = readdirSync(situations)

/**
 * What a linter mends by itself, to the bytes that the command writes: files in which no signature has to change. Where
 * the pool is made is the other file that the command changes in them.
 */
const mended = [
  'background-work/src/app.ts',
  'callback-style-query/src/app.ts',
  'closure-helper/src/app.ts',
  'destructured-request/src/app.ts',
  'fastify-plugins-in-folders/routes/users/index.js',
  'nearest-signal/src/app.ts',
  'options-bag-that-takes-a-signal/src/app.ts',
  'options-bag-that-takes-a-signal/src/report.ts',
  'signal-of-the-object/src/session.ts',
  'signal-under-another-name/src/app.ts',
  'signal-under-another-name/src/users.ts',
  'wrapped-handler/src/users.ts',
]

/**
 * What it mends as far as it goes: the command also passes the signal to functions that it gives a parameter, and
 * imports the runtime where another file makes the pool.
 */
const mendedInPart = [
  'all-arguments-handed-on/src/app.ts',
  'fastify-plugins-in-folders/app.js',
  'fastify-plugins-in-folders/handlers/users.js',
  'plain-all-arguments/src/app.js',
  'proxied-client/src/app.ts',
  'switch-clauses/src/app.js',
]

/** Of those, what has no report left: the other file is behind a proxy, whose types say nothing. */
const silent = ['proxied-client/src/app.ts']

interface Outcome {
  readonly root: string
  /** By its path from the folder of situations. */
  readonly texts: ReadonlyMap<string, string>
  readonly reported: ReadonlySet<string>
}

const hosts = [
  ['typed', true],
  ['untyped', false],
] as const

const folders: Folder[] = []
const outcomes = new Map<string, Outcome>()
beforeAll(async () => {
  for (const [host, isTyped] of hosts) {
    const folder = createFolder({})
    folders.push(folder)
    outcomes.set(host, await fix(folder.root, isTyped))
  }
})
afterAll(() => {
  for (const each of folders) each.remove()
})

async function fix(root: string, isTyped: boolean): Promise<Outcome> {
  copySituations(situations, 'before', root)
  const results = await createEslint(root, { isTyped, fix: true }).lintFiles(['.'])
  await ESLint.outputFixes(results)
  const left = results.filter(({ messages }) => messages.some(isOurs))
  return {
    root,
    texts: textsOf(root, ''),
    reported: new Set(names.filter((name) => left.some((each) => isIn(each.filePath, root, name)))),
  }
}

function isIn(file: string, root: string, name: string): boolean {
  return file.startsWith(join(root, name, '/'))
}

/** All sources, as they are at one side of each situation. */
function textsOf(folder: string, side: string): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name) => {
      const root = join(folder, name, side)
      return readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.[cm]?[jt]sx?$/.test(file))
        .map((file) => [`${name}/${file}`, readFileSync(join(root, file), 'utf8')] as const)
    }),
  )
}

const before = textsOf(situations, 'before')
const after = textsOf(situations, 'after')

test.each(hosts)('%s: what it changes comes out as the command writes it', (host) => {
  const texts = outcomes.get(host)?.texts ?? before
  const changed = [...texts].filter(([file, text]) => text !== before.get(file))
  const [same, other] = [true, false].map((isSame) =>
    changed.filter(([file, text]) => (text === after.get(file)) === isSame).map(([file]) => file),
  )
  expect({ same, other }).toEqual({ same: mended, other: mendedInPart })
})

test.each(hosts)('%s: what it leaves to the command, it reports', (host) => {
  const texts = outcomes.get(host)?.texts ?? before
  const unreported = names.filter((name) => !outcomes.get(host)?.reported.has(name))
  const left = [...texts].filter(
    ([file, text]) =>
      text !== after.get(file) && !makesPool(text) && unreported.includes(file.split('/')[0] ?? ''),
  )
  expect(left.map(([file]) => file)).toEqual(silent)
})

/** The import of the runtime goes where a program makes its pool, which no other file can see. */
function makesPool(text: string): boolean {
  return text.includes('new Pool(')
}

test.each(hosts)('%s: what it has written compiles once the runtime is imported', (host) => {
  const { root, texts } = outcomes.get(host) ?? { root: '', texts: before }
  const changed = [...texts].filter(([file, text]) => text !== before.get(file))
  // What a person adds, or the command: where the pool is made, nothing else had to change.
  const setup = join(root, 'setup.ts')
  writeFileSync(setup, "import '@ctx-fix/runtime/pg'\n")
  const files = [setup, ...changed.map(([file]) => join(root, file))]
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root)
  const program = ts.createProgram(files, options)
  const own = program.getSourceFiles().filter(({ fileName }) => !fileName.includes('node_modules'))
  expect(own.length).toBeGreaterThan(files.length)
  const errors = own.flatMap((each) => [
    ...program.getSyntacticDiagnostics(each),
    ...program.getSemanticDiagnostics(each),
  ])
  expect(errors.map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'))).toEqual([])
})
