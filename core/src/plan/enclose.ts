import type { Block, FileFacts, Span } from '../facts/types.js'
import type { TextEdit } from '../edits/text-edit.js'
import { endOfLine, indentationAt } from './insertions.js'

/** Statements of a block that are to stand in `try`, and what is to be done when they have ended. */
export interface Enclosure {
  readonly block: Block
  /** The first and the last statement; what stands between them goes along. */
  readonly first: Span
  readonly last: Span
  /** The statement of the `finally`, without its semicolon. */
  readonly ending: string
  readonly semicolon: string
  /** Statements within that the ending takes the place of. */
  readonly removed: readonly Span[]
}

/** The block that a statement stands in, where it is a statement of one. */
export function blockOf({ blocks }: FileFacts, statement: Span): Block | undefined {
  return blocks.find((each) => each.statements.some((one) => isSame(one, statement)))
}

export function isSame(a: Span, b: Span): boolean {
  return a.start === b.start && a.end === b.end
}

/**
 * Edits that put statements in `try` and an ending in `finally`. A `try` that is all there is gets the `finally`
 * itself; lines are indented, but for those of templates, whose text they are.
 */
export function encloseEdits(facts: FileFacts, text: string, enclosure: Enclosure): TextEdit[] {
  const { first, last, ending, semicolon, removed } = enclosure
  const file = facts.path
  const removals = removed.map((each) => removal(file, text, each))
  const only = isSame(first, last) ? facts.tries.find((each) => isSame(each, first)) : undefined
  const base = indentationAt(text, first.start)
  const eol = endOfLine(text)
  const unit = indentUnit(text, enclosure.block, base)
  if (only && !only.finalizer) {
    const body = `${eol}${base}${unit}${ending}${semicolon}${eol}${base}`
    return [...removals, { file, start: last.end, end: last.end, text: ` finally {${body}}` }]
  }
  const line = text.lastIndexOf('\n', first.start - 1) + 1
  if (line <= enclosure.block.start) {
    // All on one line.
    const end = lastEnd(text, last)
    return [
      ...removals,
      { file, start: first.start, end: first.start, text: 'try { ' },
      { file, start: end, end, text: ` } finally { ${ending} }` },
    ]
  }
  const end = lastEnd(text, last)
  const from = behindBlankLines(text, startOfComments(text, enclosure))
  const closing = `${eol}${base}} finally {${eol}${base}${unit}${ending}${semicolon}${eol}${base}}`
  const isGone = (at: number): boolean => removals.some((each) => each.start <= at && at < each.end)
  return [
    { file, start: from, end: from, text: `${base}try {${eol}` },
    ...linesWithin(text, from, end)
      .filter((at) => !isGone(at) && !isInTemplate(facts, text, at))
      .map((at) => ({ file, start: at, end: at, text: unit })),
    ...removals,
    { file, start: end, end, text: closing },
  ]
}

/** Behind the statement before the first, so that comments above the first go along with it. */
function startOfComments(text: string, { block, first }: Enclosure): number {
  const before = block.statements.findLast((each) => each.end <= first.start)
  const from = before?.end ?? block.start + 1
  const end = text.indexOf('\n', from)
  return end === -1 || end > first.start ? text.lastIndexOf('\n', first.start - 1) + 1 : end + 1
}

function behindBlankLines(text: string, from: number): number {
  const blank = /^(?:[ \t]*\r?\n)*/.exec(text.slice(from))?.[0].length ?? 0
  return from + blank
}

/** A comment behind the last statement, on its line, stays behind it. */
function lastEnd(text: string, last: Span): number {
  const comment = /^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\n]*?\*\/(?=[ \t]*\r?\n))/.exec(
    text.slice(last.end),
  )
  return last.end + (comment?.[0].length ?? 0)
}

/** Starts of the lines from one offset to another that are not empty. */
function linesWithin(text: string, from: number, end: number): number[] {
  const lines: number[] = []
  for (let at = from; at < end && at !== 0;) {
    if (!/^[ \t]*\r?\n/.test(text.slice(at, at + 200))) lines.push(at)
    at = text.indexOf('\n', at) + 1
  }
  return lines
}

function isInTemplate({ exprs }: FileFacts, text: string, at: number): boolean {
  return exprs.some((each) => {
    if (each.start >= at || at >= each.end) return false
    if (each.k !== 'str' && each.k !== 'other' && each.k !== 'tag') return false
    const tick = text.indexOf('`', each.start)
    const isTemplate = each.k === 'tag' || text[each.start] === '`'
    return isTemplate && tick !== -1 && tick < at
  })
}

/** What one more level of indentation is here. */
function indentUnit(text: string, block: Block, base: string): string {
  const outer = indentationAt(text, block.start)
  return base.startsWith(outer) && base.length > outer.length ? base.slice(outer.length) : '  '
}

/** A statement with its line, where nothing else stands on that. */
export function removal(file: string, text: string, { start, end }: Span): TextEdit {
  const line = text.lastIndexOf('\n', start - 1) + 1
  const rest = /^;?[ \t]*(?:\r?\n|$)/.exec(text.slice(end))?.[0]
  if (text.slice(line, start).trim() === '' && rest !== undefined)
    return { file, start: line, end: end + rest.length, text: '' }
  const gap = /^;?[ \t]*/.exec(text.slice(end))?.[0].length ?? 0
  return { file, start, end: end + gap, text: '' }
}
