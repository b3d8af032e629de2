// Reads every source below some folders with each parser and says where making facts fails, takes long, or
// differs from one parser to the other. Whatever people write, `extractFacts` must not throw.
//
//   npm run build && node scripts/smoke-syntax.mjs [folder ...]      (without one: this repository's node_modules)
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { createTypeScriptSyntax, estree, extractFacts } from '../core/dist/index.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(join(root, 'core/package.json'))
const { parseSync } = require('oxc-parser')
const ts = require('typescript')

/** Milliseconds: a second, and what a linear walk takes for the text. */
const slow = (text) => 1_000 + text.length / 500

const read = {
  oxc(path, text) {
    const lang = /\.[cm]?js$/.test(path) ? 'jsx' : undefined
    const { program, errors } = parseSync(path, text, { preserveParens: false, lang })
    if (errors.length > 0) return undefined
    return extractFacts(estree, { path, text, program, comments: [] }).facts
  },
  // Goes on where the source is broken, and so shows half-written code as an editor does.
  typescript(path, text) {
    const kind = /\.[cm]?js$/.test(path) ? ts.ScriptKind.JSX : undefined
    const program = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, kind)
    const syntax = createTypeScriptSyntax(ts, program)
    const { facts } = extractFacts(syntax, { path, text, program, comments: [] })
    return program.parseDiagnostics.length > 0 ? undefined : facts
  },
}

const count = { files: 0, unparsed: 0, thrown: 0, slow: 0, different: 0 }

function smoke(path) {
  const text = readFileSync(path, 'utf8')
  count.files += 1
  const facts = Object.entries(read).map(([parser, run]) => {
    const startedAt = performance.now()
    try {
      return run(path, text)
    } catch (error) {
      count.thrown += 1
      console.log(`${path}: ${parser} throws ${error.stack?.split('\n').slice(0, 3).join(' ')}`)
    } finally {
      const ms = performance.now() - startedAt
      if (ms > slow(text)) {
        count.slow += 1
        console.log(`${path}: ${parser} takes ${Math.round(ms)} ms for ${text.length} characters`)
      }
    }
    return undefined
  })
  const [first, second] = facts
  if (!first || !second) count.unparsed += 1
  else if (!isDeepStrictEqual(first, second)) {
    count.different += 1
    const field = Object.keys(first).find((key) => !isDeepStrictEqual(first[key], second[key]))
    console.log(`${path}: the parsers differ in ${field}`)
  }
}

const folders = process.argv.slice(2)
for (const folder of folders.length > 0 ? folders : [join(root, 'node_modules')]) {
  const entries = statSync(folder).isFile()
    ? [folder]
    : readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => join(each.parentPath, each.name))
  for (const path of entries) if (/\.[cm]?[jt]sx?$/.test(path)) smoke(resolve(path))
}
console.log(count)
process.exitCode = count.thrown > 0 || count.slow > 0 ? 1 : 0
