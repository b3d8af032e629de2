import type { StepId } from '@ctx-fix/core'
import { lineEndingOf } from './line-ending.js'
import { PositionMap, type EditedSpan } from './position-map.js'

/** An edit of one file, with the steps that asked for it (an import can serve several). */
export interface OwnedEdit {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly steps: readonly StepId[]
}

/** Two steps want to change the same text: a mistake in the plan. */
export class OverlapError extends Error {
  override readonly name = 'OverlapError'
  readonly first: readonly StepId[]
  readonly second: readonly StepId[]

  constructor(first: OwnedEdit, second: OwnedEdit) {
    super(
      `steps ${first.steps.join(', ')} and ${second.steps.join(', ')} edit the same text ` +
        `([${first.start}, ${first.end}) and [${second.start}, ${second.end}))`,
    )
    this.first = first.steps
    this.second = second.steps
  }
}

/**
 * Applies edits to a text. Insertions at one offset keep the order in which they are given, and
 * stand before a replacement that begins there. Everything that no edit covers stays as it is;
 * line breaks inside inserted text become those of the file.
 *
 * @throws {OverlapError} where two edits cover the same text.
 */
export function renderFile(
  text: string,
  edits: readonly OwnedEdit[],
): { text: string; map: PositionMap } {
  const lineEnding = lineEndingOf(text)
  const ordered = edits.toSorted((a, b) => a.start - b.start || rank(a) - rank(b))
  const spans: EditedSpan[] = []
  let result = ''
  let position = 0
  let previous: OwnedEdit | undefined
  for (const edit of ordered) {
    if (previous && edit.start < position) throw new OverlapError(previous, edit)
    result += text.slice(position, edit.start)
    const newStart = result.length
    result += edit.text.replace(/\r?\n/g, lineEnding)
    spans.push({
      oldStart: edit.start,
      oldEnd: edit.end,
      newStart,
      newEnd: result.length,
      steps: edit.steps,
    })
    position = edit.end
    previous = edit
  }
  return { text: result + text.slice(position), map: new PositionMap(spans) }
}

const rank = (edit: OwnedEdit) => (edit.start === edit.end ? 0 : 1)
