import type { StepId } from '@ctx-fix/core'

/** One place where the new text differs from the old one, and the steps that made it so. */
export interface EditedSpan {
  readonly oldStart: number
  readonly oldEnd: number
  readonly newStart: number
  readonly newEnd: number
  readonly steps: readonly StepId[]
}

/** Leads from offsets in an edited text back to the old text and to the steps responsible. */
export class PositionMap {
  /** In the order of the text, without overlap. */
  readonly spans: readonly EditedSpan[]

  constructor(spans: readonly EditedSpan[]) {
    this.spans = spans
  }

  /** The old offset; within an edit, the offset where that edit begins. */
  toOld(offset: number): { readonly offset: number; readonly edited: boolean } {
    let delta = 0
    for (const span of this.spans) {
      if (offset < span.newStart) break
      if (offset < span.newEnd) return { offset: span.oldStart, edited: true }
      delta = span.newEnd - span.oldEnd
    }
    return { offset: offset - delta, edited: false }
  }

  /** Edited spans that share text with `[start, end)`; what was deleted counts where it stood. */
  overlapping(start: number, end: number): EditedSpan[] {
    return this.spans.filter((span) =>
      span.newStart === span.newEnd || start === end
        ? span.newStart <= end && start <= span.newEnd
        : span.newStart < end && start < span.newEnd,
    )
  }
}
