import { expect, test } from 'vitest'
import { parseFacts } from './parse.js'

const parses = (path: string, text: string) => !('message' in parseFacts(path, text))

test('a CommonJS file may return before its end', () => {
  const text = `const args = require('args')\nif (!args.ready) return\nmodule.exports = args\n`
  expect(parses('a.js', text)).toBe(true)
  expect(parses('a.cjs', text)).toBe(true)
})

test('what is neither a module nor a CommonJS file is a failure, told as of a module', () => {
  const text = `import a from 'a'\nreturn a\n`
  expect(parses('a.js', text)).toBe(false)
  expect(parses('a.mjs', text)).toBe(false)
  expect(parses('a.ts', text)).toBe(false)
  expect(parseFacts('a.js', 'const a = (\n')).toMatchObject({ file: 'a.js', line: 2 })
})
