import type { Span } from './types.js'
/** Offset of the first character at or after `from` that is neither white space nor inside a comment. */
export function skipTrivia(text: string, from: number): number {
  let at = from
  for (;;) {
    const char = text.charCodeAt(at)
    if (char === 47 && text.charCodeAt(at + 1) === 47) {
      const end = text.indexOf('\n', at)
      at = end === -1 ? text.length : end + 1
    } else if (char === 47 && text.charCodeAt(at + 1) === 42) {
      const end = text.indexOf('*/', at + 2)
      at = end === -1 ? text.length : end + 2
    } else if (char === 32 || (char >= 9 && char <= 13) || char === 160 || char === 0xfeff) {
      at += 1
    } else return at
  }
}

/** Offset of `wanted` at or after `from`, comments skipped; -1 where the text ends first. */
export function findOutsideComments(text: string, wanted: string, from: number): number {
  for (let at = skipTrivia(text, from); at < text.length; at = skipTrivia(text, at + 1)) {
    if (text[at] === wanted) return at
  }
  return -1
}

export function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** 1-based line and column of an offset. */
export function locationOf(
  lineStarts: readonly number[],
  offset: number,
): { line: number; column: number } {
  let low = 0
  let high = lineStarts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 }
}

/** Whether a part of a text lies in another. */
export function isWithin(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end
}

/** The index of the first that begins at a position or behind it, of a list in the order of the text. */
export function firstFrom(list: readonly { readonly start: number }[], start: number): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((list[middle]?.start ?? 0) < start) low = middle + 1
    else high = middle
  }
  return low
}

/** Where whole lines go, and what surrounds them there. */
export interface LinePlace {
  readonly offset: number
  readonly before: string
  readonly after: string
}

/** The place for lines behind a statement: a comment on its line stays there, code on it comes after them. */
export function placeBehind(text: string, end: number): LinePlace {
  const restOfLine = /^[^\r\n]*/.exec(text.slice(end))?.[0] ?? ''
  const isCodeFree = /^\s*(\/\*((?!\*\/).)*\*\/\s*)?(\/\/.*)?$/.test(restOfLine)
  return isCodeFree
    ? { offset: end + restOfLine.length, before: '\n', after: '' }
    : { offset: end, before: '\n', after: '\n' }
}
