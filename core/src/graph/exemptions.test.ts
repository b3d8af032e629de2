import { expect, it } from 'vitest'
import { findAll } from '../findings/find.js'
import { analysisOf } from '../testing/program.js'

/** Whether a statement in a function that is given a signal is reported. */
function isReported(body: string): boolean {
  const analysis = analysisOf(`import { Pool } from 'pg'
const pool = new Pool()
const tidy = async (stop?: AbortSignal) => { await pool.query({ text: 'SELECT 1', signal: stop }) }
export async function load(signal: AbortSignal, ok: boolean) {
  ${body}
}`)
  return findAll(analysis, { noSignalInScope: 'off' }).length > 0
}

it.each<[situation: string, body: string, expected: boolean]>([
  ['cleanup after an abort', "if (signal.aborted) await pool.query('DELETE FROM t')", false],
  ['in a helper', 'if (signal.aborted) { await tidy() }', false],
  ['with more conditions', 'if (ok && signal.aborted) { await tidy() }', false],
  ['where it has not aborted', "if (!signal.aborted) await pool.query('SELECT 1')", true],
  ['in the other branch', 'if (signal.aborted) return\nelse await tidy()', true],
  ['under another condition', 'if (ok || signal.aborted) await tidy()', true],
])('%s', (_, body, expected) => {
  expect(isReported(body)).toBe(expected)
})
