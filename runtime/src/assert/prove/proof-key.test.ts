import { expect, test } from 'vitest'
import { shapeOf } from './proof-key.js'

test.each([
  ['values', 'SELECT a FROM t WHERE b = $1', 'SELECT a FROM t WHERE b = $2', true],
  ['how many values', 'SELECT 1 WHERE a IN (1, 2)', 'SELECT 1 WHERE a IN (1, 2, 3)', true],
  ['comments', 'SELECT a -- here\nFROM t', 'SELECT a /* there */ FROM t', true],
  ['what stands behind a text', "SELECT '--' AS a, b", "SELECT '--' AS a, c", false],
  ['columns', 'SELECT a FROM t', 'SELECT b FROM t', false],
])('%s', (_, one, other, isSame) => {
  expect(shapeOf(one) === shapeOf(other)).toBe(isSame)
})
