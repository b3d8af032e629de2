import { describe, expect, it } from 'vitest'
import { isSuppressed, readSuppressions } from './suppressions.js'
import { lineStartsOf } from './text.js'

function suppressionsOf(text: string) {
  const comments = [...text.matchAll(/\/\*([^]*?)\*\/|\/\/([^\n]*)/g)].map((match) => ({
    value: match[1] ?? match[2] ?? '',
    start: match.index,
    end: match.index + match[0].length,
  }))
  return readSuppressions(comments, lineStartsOf(text))
}

describe('comments of the linters', () => {
  it.each([
    ['the next line', '// eslint-disable-next-line ctx/require-signal -- legacy\nx\ny', [2]],
    ['its own line', 'x // eslint-disable-line ctx/require-signal\ny', [1]],
    ['the rest of the file', 'a\n/* eslint-disable ctx/require-signal */\nb\nc', [2, 3, 4]],
    ['every rule', '/* eslint-disable */\na', [1, 2]],
    ['up to eslint-enable', '/* eslint-disable */\na\n/* eslint-enable */\nb', [1, 2, 3]],
    ['oxlint by its own name', '// oxlint-disable-next-line ctx/require-signal\nx', [2]],
    ['one of several rules', '// eslint-disable-next-line no-alert, ctx/require-signal\nx', [2]],
    ['another rule', '// eslint-disable-next-line ctx/forward-signal\nx', []],
    ['a comment that mentions the word', '// see eslint-disable-next-line\nx', []],
  ])('silence %s', (_, text, silent) => {
    const suppressions = suppressionsOf(text)
    const lines = text.split('\n').map((_line, index) => index + 1)
    expect(lines.filter((line) => isSuppressed(suppressions, 'require-signal', line))).toEqual(
      silent,
    )
  })
})
