import { describe, expect, test } from 'vitest'
import { OverlapError, renderFile, type OwnedEdit } from './render.js'

const edit = (step: number, start: number, end: number, text: string): OwnedEdit => ({
  start,
  end,
  text,
  steps: [step],
})

test('insertions at one offset keep their order and stand before a replacement', () => {
  const { text } = renderFile('f(a)', [
    edit(1, 2, 3, 'b'),
    edit(2, 2, 2, '<'),
    edit(3, 2, 2, '('),
    edit(4, 3, 3, ')'),
    edit(5, 3, 3, '>'),
  ])
  expect(text).toBe('f(<(b)>)')
})

test.each([
  ['two replacements', edit(1, 0, 3, 'x'), edit(2, 2, 4, 'y')],
  ['an insertion inside a replacement', edit(1, 0, 3, 'x'), edit(2, 1, 1, 'y')],
  ['the same replacement twice', edit(1, 0, 3, 'x'), edit(2, 0, 3, 'x')],
])('%s overlap', (_, first, second) => {
  expect(() => renderFile('abcd', [second, first])).toThrow(OverlapError)
  expect(() => renderFile('abcd', [first, second])).toThrow(/1.*2|2.*1/)
})

describe('bytes that no edit covers', () => {
  test.each([
    [
      'CRLF, also in what is inserted',
      'a\r\nb\r\n',
      edit(1, 3, 3, 'x\ny\n'),
      'a\r\nx\r\ny\r\nb\r\n',
    ],
    ['LF where it prevails', 'a\r\nb\nc\nd\n', edit(1, 0, 0, '1\r\n'), '1\na\r\nb\nc\nd\n'],
    ['a BOM', '\uFEFFa', edit(1, 1, 2, 'b'), '\uFEFFb'],
    ['no final line break', 'a\nb', edit(1, 3, 3, 'c'), 'a\nbc'],
    ['characters beyond the BMP', '"😀" + a', edit(1, 7, 8, 'b'), '"😀" + b'],
  ])('%s', (_, before, change, after) => {
    expect(renderFile(before, [change]).text).toBe(after)
  })
})

describe('the map', () => {
  //                                   0123456789
  const { text, map } = renderFile('f(a); g(b); h', [
    edit(1, 2, 3, 'beta'),
    edit(2, 8, 9, ''),
    edit(3, 12, 12, '!'),
  ])

  test('leads back to old offsets', () => {
    expect(text).toBe('f(beta); g(); !h')
    expect(map.toOld(0)).toEqual({ offset: 0, edited: false })
    expect(map.toOld(4)).toEqual({ offset: 2, edited: true })
    expect(map.toOld(text.indexOf('g'))).toEqual({ offset: 6, edited: false })
    expect(map.toOld(text.indexOf('h'))).toEqual({ offset: 12, edited: false })
  })

  test('tells whose edits a range shares', () => {
    const stepsAt = (start: number, end: number) =>
      map.overlapping(start, end).flatMap(({ steps }) => steps)
    expect(stepsAt(0, 2)).toEqual([])
    expect(stepsAt(0, 4)).toEqual([1])
    expect(stepsAt(11, 12)).toEqual([2])
    expect(stepsAt(0, text.length)).toEqual([1, 2, 3])
  })
})
