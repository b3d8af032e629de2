// Lints every source below some folders with all rules, as each parser reads it, as it stands and with its calls
// made calls of a database, and says where a rule throws or takes long. Whatever people write, none may.
//
//   npm run build && node scripts/smoke-rules.mjs [--typed] [--halves] [--sample <number>] [folder ...]
//
// Without a folder: the sources of this repository's node_modules. --typed asks a type checker too; --halves cuts
// each text off at thirty places, as an editor sees it while it is typed; --sample takes so many of the files, from
// all over them and always the same (`rules/src/hosts/collections.test.ts`). Collections that are made to hold every
// syntax: the package test262-parser-tests, packages/babel-parser/test/fixtures of babel/babel, the fixtures of
// typescript-eslint/typescript-eslint, tests/format of prettier/prettier (with TypeScript's conformance tests).
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import plugin from '../rules/dist/index.js'
import { mutate } from './smoke/mutate.mjs'
import { parsers } from './smoke/parsers.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(join(root, 'rules/package.json'))
const { Linter } = require('eslint')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    typed: { type: 'boolean' },
    halves: { type: 'boolean' },
    sample: { type: 'string' },
  },
})

const MAX_CHARACTERS = 1_000_000
const HALVES = 30
/** Milliseconds of CPU: seconds for a parser and what the file imports, and what a linear walk takes for the text. */
const slow = (text) => 3_000 + text.length / 50

const count = { files: 0, linted: 0, unparsed: 0, reports: 0, fixed: 0, thrown: 0, slow: 0 }
const rules = plugin.configs.all.rules
const settings = [{}, { ctx: { propagation: 'ambient' } }]

/** By another name than the file's own: a test or a declaration file would be exempt, and the text may be changed. */
const nameFor = (path) => join(dirname(path), `smoke-${basename(path).replace(/\.(?=.*\.)/g, '-')}`)

function lint(path, text, parser, languageOptions, setting) {
  const startedAt = process.cpuUsage()
  const config = {
    files: ['**/*.{js,jsx,cjs,mjs,ts,tsx,cts,mts}'],
    languageOptions: { sourceType: 'module', ...languageOptions },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    plugins: { ctx: plugin },
    rules,
    settings: setting,
  }
  try {
    const linter = new Linter({ cwd: dirname(path) })
    const messages = linter.verify(text, config, { filename: path })
    if (messages.some((each) => each.fatal)) {
      count.unparsed += 1
      return false
    }
    count.linted += 1
    count.reports += messages.length
    for (const { fix, suggestions = [] } of messages)
      if (fix) count.fixed += 1
      else count.fixed += suggestions.length
  } catch (error) {
    // A parser or ESLint's own scopes may give up: that is for them to mend.
    if (!/\/(?:rules|core)\/dist\//.test(error.stack)) return false
    count.thrown += 1
    const where = error.stack.split('\n').slice(0, 4).join(' ')
    console.log(`${path}: ${parser} throws ${where}`)
  } finally {
    const { user, system } = process.cpuUsage(startedAt)
    const ms = (user + system) / 1_000
    if (ms > slow(text)) {
      count.slow += 1
      console.log(`${path}: ${parser} takes ${Math.round(ms)} ms for ${text.length} characters`)
    }
  }
  return true
}

function smoke(path) {
  const text = readFileSync(path, 'utf8')
  if (text.length > MAX_CHARACTERS) return
  count.files += 1
  const name = nameFor(path)
  const texts = [text, mutate(path, text)].filter((each) => each !== undefined)
  if (values.halves)
    for (let part = 1; part < HALVES; part += 1)
      texts.push(text.slice(0, Math.floor((text.length * part) / HALVES)))
  for (const [parser, optionsFor] of Object.entries(parsers)) {
    const options = optionsFor(path)
    if (!options) continue
    for (const each of texts)
      for (const setting of each === texts[1] ? settings : settings.slice(0, 1))
        for (const sourceType of ['module', 'script'])
          if (lint(name, each, parser, { ...options, sourceType }, setting)) break
  }
}

/** With a type checker, of the file as it is on disk. */
function smokeTyped(paths) {
  const ts = require('typescript')
  const { parser } = parsers['typescript-eslint']('a.ts')
  for (let first = 0; first < paths.length; first += 200) {
    const some = paths.slice(first, first + 200)
    const options = { allowJs: true, noEmit: true, skipLibCheck: true, noResolve: true, jsx: 1 }
    const program = ts.createProgram(some, options)
    for (const path of some) {
      count.files += 1
      const text = readFileSync(path, 'utf8')
      lint(path, text, 'typed', { parser, parserOptions: { programs: [program] } }, {})
    }
  }
}

const folders = positionals.length > 0 ? positionals : [join(root, 'node_modules')]
const all = folders
  .flatMap((folder) =>
    statSync(folder).isFile()
      ? [folder]
      : readdirSync(folder, { recursive: true, withFileTypes: true })
          .filter((each) => each.isFile())
          .map((each) => join(each.parentPath, each.name)),
  )
  .filter((path) => /\.[cm]?[jt]sx?$/.test(path))
  .map((path) => resolve(path))
  .sort()
const every = values.sample ? Math.max(1, Math.floor(all.length / Number(values.sample))) : 1
const paths = all.filter((_, at) => at % every === 0)
if (values.typed) smokeTyped(paths)
else for (const path of paths) smoke(path)
console.log(JSON.stringify(count))
process.exitCode = count.thrown > 0 || count.slow > 0 ? 1 : 0
