import { describe, expect, test } from 'vitest'
import { findingsOf } from '../testing/program.js'

const SOURCE = `import { Pool } from 'pg'
const pool = new Pool()
export class Repo {
  async byId(signal: AbortSignal, id: string) {
    await pool.query('SELECT 1', [id])
    return pool.query('SELECT 2', [id])
  }
}
export const all = (signal: AbortSignal) => pool.query('SELECT 3')
`

const fingerprints = (text: string) => findingsOf(text).map((each) => each.finding.fingerprint)

describe('a finding keeps its fingerprint', () => {
  const expected = fingerprints(SOURCE)

  test('and each has its own', () => {
    expect(new Set(expected).size).toBe(3)
  })

  test.each<[situation: string, text: string]>([
    ['when lines move', `// one\n\n// two\n${SOURCE}`],
    [
      'when a function is added before it',
      SOURCE.replace('export class', 'export function added() { return 1 }\nexport class'),
    ],
    ['when it is formatted anew', SOURCE.replaceAll('[id]', '[\n      id,\n    ]')],
    ['when the statement changes', SOURCE.replace('SELECT 1', 'SELECT id FROM books')],
    ['with Windows line ends', SOURCE.replaceAll('\n', '\r\n')],
  ])('%s', (_situation, text) => {
    expect(fingerprints(text)).toEqual(expected)
  })

  test('and loses it when its function is renamed', () => {
    expect(fingerprints(SOURCE.replace('byId', 'find'))).not.toEqual(expected)
  })
})
