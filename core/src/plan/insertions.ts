import { skipTrivia } from '../facts/text.js'
import type { Span } from '../facts/types.js'
import type { TextEdit } from '../edits/text-edit.js'

/** A list in source, between its brackets: arguments, parameters, properties. */
export interface List {
  readonly file: string
  readonly text: string
  /** Offsets of the brackets. */
  readonly open: number
  readonly close: number
  readonly items: readonly Span[]
}

/**
 * Adds items at the end of a list in the list's own layout: on one line, or one item a line with the
 * indentation, the comments and the trailing comma that are there.
 */
export function appendItems(list: List, added: readonly string[]): TextEdit {
  const { file, text, open, close, items } = list
  const last = items.at(-1)
  if (!last) {
    const inner = text.slice(open + 1, close)
    const padded =
      text[open] === '{' && inner.trim() === '' ? ` ${added.join(', ')} ` : added.join(', ')
    // `{ }` keeps no stray blanks; a comment between the brackets stays where it is.
    if (inner.trim() === '') return { file, start: open + 1, end: close, text: padded }
    const gap = /\s$/.test(inner) ? '' : ' '
    return { file, start: close, end: close, text: gap + padded }
  }
  const comma = commaBehind(text, last.end, close)
  const isBroken =
    text.slice(last.end, close).includes('\n') && text.slice(open, items[0]?.start).includes('\n')
  if (comma === undefined) {
    if (isBroken) return { file, ...appendLines(text, last, close, added) }
    const items = added.map((each) => `, ${each}`).join('')
    return { file, start: last.end, end: last.end, text: items }
  }
  if (isBroken) {
    const at = trimEnd(text, close)
    const separator = lineBreak(text, last.start)
    return { file, start: at, end: at, text: added.map((each) => `${separator}${each},`).join('') }
  }
  return { file, start: comma + 1, end: comma + 1, text: added.map((each) => ` ${each}`).join(',') }
}

/** Adds a member to a type in braces, behind the last, with the separators and the layout that are there. */
export function appendMember(
  {
    file,
    text,
    open,
    members,
  }: Pick<List, 'file' | 'text' | 'open'> & { members: readonly Span[] },
  member: string,
): TextEdit {
  const last = members.at(-1)
  if (!last) return { file, start: open + 1, end: open + 1, text: ` ${member} ` }
  const written = text.slice(last.start, last.end)
  const own = /[;,]$/.exec(written)?.[0]
  const behind = own === undefined ? /^[ \t]*([;,])/.exec(text.slice(last.end)) : null
  const separator = own ?? behind?.[1]
  const at = last.end + (behind?.[0].length ?? 0)
  if (text.slice(open, last.start).includes('\n'))
    return {
      file,
      start: at,
      end: at,
      text: `${lineBreak(text, last.start)}${member}${separator ?? ''}`,
    }
  return { file, start: at, end: at, text: `${separator === undefined ? ';' : ''} ${member}` }
}

/** Items on lines of their own behind one without a comma. Its comment stays on its line. */
export function appendLines(
  text: string,
  last: Span,
  close: number,
  added: readonly string[],
): Omit<TextEdit, 'file'> {
  const behind = text.slice(last.end, close)
  const comment = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\n]*\*\/(?=[ \t]*\r?\n))/.exec(behind)?.[0] ?? ''
  const items = added.map((each) => lineBreak(text, last.start) + each).join(',')
  return { start: last.end, end: last.end + comment.length, text: `,${comment}${items}` }
}

function commaBehind(text: string, from: number, close: number): number | undefined {
  const at = skipTrivia(text, from)
  return at < close && text[at] === ',' ? at : undefined
}

/** Offset behind the last character before `end` that is no white space. */
export function trimEnd(text: string, end: number): number {
  let at = end
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at -= 1
  return at
}

/** A line break and the indentation of the line that holds an offset. */
export function lineBreak(text: string, offset: number): string {
  return `${endOfLine(text)}${indentationAt(text, offset)}`
}

export function indentationAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? ''
}

export function endOfLine(text: string): string {
  const first = text.indexOf('\n')
  return first > 0 && text[first - 1] === '\r' ? '\r\n' : '\n'
}
