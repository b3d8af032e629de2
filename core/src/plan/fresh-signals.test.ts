import { describe, expect, it } from 'vitest'
import { findAll } from '../findings/find.js'
import { applyEdits } from '../testing/edit.js'
import { analysisOf } from '../testing/program.js'
import { planSuggestions } from './suggest.js'

/** The first suggestion's kind, and the line of the call with it. */
function suggested(body: string): readonly string[] {
  const path = 'src/app.ts'
  const text = `export async function load(id: string) {\n${body}\n}\n`
  const analysis = analysisOf({ [path]: text })
  const found = findAll(analysis, { noSignalInScope: 'report' }).find(
    (each) => each.finding.rule === 'require-signal',
  )
  const [first] = found ? planSuggestions(analysis, found, text) : []
  if (!first) return []
  const after = applyEdits(text, first.edits)
  return [
    first.kind,
    after
      .split('\n')
      .find((each) => each.includes('fetch'))
      ?.trim() ?? '',
  ]
}

describe('a signal that a function has made for itself, and nothing else', () => {
  it.each<[situation: string, body: string, expected: readonly string[]]>([
    [
      'with a deadline',
      'const signal = AbortSignal.timeout(100)\nawait fetch(id)',
      ['pass', 'await fetch(id, { signal })'],
    ],
    [
      'of a controller',
      'const controller = new AbortController()\nawait fetch(id)',
      ['pass', 'await fetch(id, { signal: controller.signal })'],
    ],
    [
      'that is made only afterwards',
      'await fetch(id)\nconst later = AbortSignal.timeout(100)\nlater.throwIfAborted()',
      ['take', 'await fetch(id, { signal })'],
    ],
    ['none at all', 'await fetch(id)', ['take', 'await fetch(id, { signal })']],
  ])('%s', (_, body, expected) => {
    expect(suggested(body)).toEqual(expected)
  })
})
