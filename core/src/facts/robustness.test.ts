import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { createTypeScriptSyntax } from '../syntax/typescript.js'
import { sources } from '../syntax/conformance-sources.js'
import { factsBy, type ParserName } from '../testing/parsers.js'
import { extractFacts } from './extract.js'

const modules = resolve(import.meta.dirname, '../../../node_modules')

/** Source of many authors and ages: CommonJS, ES5, modules, declarations. `npm` brings it anyway. */
const packages = ['express/lib', '@types/node', 'eslint/lib/linter']

function* filesOf(path: string): Generator<string> {
  if (!existsSync(path)) return
  if (/\.[cm]?[jt]s$/.test(path)) yield path
  else
    for (const each of readdirSync(path, { recursive: true, encoding: 'utf8' }))
      if (/\.[cm]?[jt]s$/.test(each)) yield join(path, each)
}

describe('facts of published packages', () => {
  test.each(packages)('%s', (name) => {
    for (const file of filesOf(join(modules, name))) {
      // Of the types in comments, which the adapter for TypeScript's nodes is not given, nothing is left.
      const text = readFileSync(file, 'utf8').replaceAll('/**', '/* ')
      const [first, second] = [factsBy.oxc(file, text), factsBy.typescript(file, text)]
      // The adapter for TypeScript's nodes is given no comments.
      const isSame = isDeepStrictEqual({ ...first, markers: [], suppressions: [] }, second)
      expect(isSame, file).toBe(true)
    }
  })
})

/** TypeScript's parser makes a tree of anything: what an editor holds while somebody types. */
describe('facts of half-written source', () => {
  test.each(Object.entries(sources))('%s', (path, text) => {
    for (let end = 0; end < text.length; end += 13) {
      const half = text.slice(0, end)
      const program = ts.createSourceFile(path, half, ts.ScriptTarget.Latest)
      const syntax = createTypeScriptSyntax(ts, program)
      expect(() => extractFacts(syntax, { path, text: half, program, comments: [] })).not.toThrow()
    }
  })
})

const many = 3_000

describe('facts of code that nests without end', () => {
  test.each<[string, string]>([
    ['a concatenation', `const a = ${Array.from({ length: many }, () => `'b'`).join(' + ')}`],
    ['a choice', `const a = ${Array.from({ length: many }, (_, n) => `b${n}`).join(' || ')}`],
    ['a chain', `a${'.b()'.repeat(many)}`],
    ['arrays', `const a = ${'['.repeat(500)}${']'.repeat(500)}`],
    ['functions', `const a = ${'() => '.repeat(500)}1`],
    ['else if', `if (a) b(); ${'else if (a) b(); '.repeat(500)}`],
    ['types', `type A = ${'B<'.repeat(500)}string${'>'.repeat(500)}`],
  ])('%s', (_name, text) => {
    const parsers: ParserName[] = ['oxc', 'typescript']
    const [first, second] = parsers.map((each) => factsBy[each]('deep.ts', text))
    expect(first).toEqual(second)
  })
})

test('a name from the source never meets Object.prototype', () => {
  const names = [
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__proto__',
    'isPrototypeOf',
  ]
  for (const name of names) {
    const text = `export function ${name}(a: string) { return ${name}(a) }\ninterface ${name} { ${name}: ${name} }`
    const facts = factsBy.oxc('names.ts', text)
    const scope = facts.scopes[0]
    expect(Object.keys(scope?.names ?? {})).toEqual([name])
    expect(scope?.typeNames[name]).toEqual([0])
    expect(facts.bindings.map((each) => each.name)).toEqual(['a', name])
  }
  const plain = factsBy.oxc('plain.ts', 'toString(constructor, hasOwnProperty.valueOf)')
  expect(plain.bindings).toEqual([])
  for (const name of names) expect(plain.scopes[0]?.names[name]).toBeUndefined()
})
