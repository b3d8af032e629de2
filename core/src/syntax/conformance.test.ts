import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { expectedFacts, factsBy, type ParserName } from '../testing/parsers.js'
import { sources } from './conformance-sources.js'

const others: readonly ParserName[] = ['typescript-estree', 'typescript', 'babel']

/**
 * A known difference: Babel lets a class that is decorated before its `export` begin at the decorator, the others
 * at `class`.
 */
const differs = (parser: ParserName, text: string) =>
  parser === 'babel' && /^@[^]*?^export (?:default |abstract )*class/m.test(text)

const fixtures = resolve(import.meta.dirname, '../../../fixtures')
const folders = readdirSync(fixtures, { withFileTypes: true }).flatMap((each) =>
  each.isDirectory() && !['dist', 'node_modules'].includes(each.name) ? [each.name] : [],
)

function sourcesOf(folder: string): readonly string[] {
  return readdirSync(join(fixtures, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file) && !/\/(?:node_modules|dist)\//.test(file))
}

describe.each(others)('%s gives the facts that oxc gives', (parser) => {
  const same = Object.entries(sources).filter(([, text]) => !differs(parser, text))
  test.each(same)('of %s', (path, text) => {
    expect(factsBy[parser](path, text)).toEqual(expectedFacts(path, text, parser))
  })

  test.each(folders)('of all files of fixtures/%s', (folder) => {
    for (const path of sourcesOf(folder)) {
      const text = readFileSync(join(fixtures, path), 'utf8')
      if (differs(parser, text)) continue
      const actual = factsBy[parser](path, text)
      const expected = expectedFacts(path, text, parser)
      // The matcher of a thousand files takes long where it has nothing to say.
      if (!isDeepStrictEqual(actual, expected)) expect(actual, path).toEqual(expected)
    }
  })
})

test('there are fixtures, and few that differ', () => {
  const files = folders.flatMap(sourcesOf)
  const differing = files.filter((path) =>
    differs('babel', readFileSync(join(fixtures, path), 'utf8')),
  )
  expect(files.length).toBeGreaterThan(900)
  expect(differing.length).toBeLessThan(files.length / 15)
})
