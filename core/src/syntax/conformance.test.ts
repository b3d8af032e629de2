import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { factsBy, type ParserName } from '../testing/parsers.js'
import type { FileFacts } from '../facts/types.js'
import { sources } from './conformance-sources.js'

const others: readonly ParserName[] = ['typescript-estree', 'typescript', 'babel']

/**
 * Known differences: Babel lets a class that is decorated before its `export` begin at the decorator,
 * the others at `class`.
 */
const differences = new Set(['babel decorated-export.ts'])

/** Markers come from comments, which TypeScript keeps out of its tree. */
function comparable(facts: FileFacts, parser: ParserName): FileFacts {
  return parser === 'typescript' ? { ...facts, markers: [], suppressions: [] } : facts
}

function compare(path: string, text: string, parser: ParserName): void {
  const expected = factsBy.oxc(path, text)
  const actual = factsBy[parser](path, text)
  expect(comparable(actual, parser)).toEqual(comparable(expected, parser))
}

describe.each(others)('%s gives the facts that oxc gives', (parser) => {
  const same = Object.entries(sources).filter(([path]) => !differences.has(`${parser} ${path}`))
  test.each(same)('of %s', (path, text) => {
    compare(path, text, parser)
  })

  const app = resolve(import.meta.dirname, '../../../fixtures/apps/express-pg/src')
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' })
  test.each(files.filter((each) => each.endsWith('.ts')))(
    'of the sample application, %s',
    (file) => {
      compare(file, readFileSync(join(app, file), 'utf8'), parser)
    },
  )
})
