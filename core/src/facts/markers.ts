import type { Comment } from '../syntax/shape.js'
import type { StatementSpan } from './builder.js'
import { skipTrivia } from './text.js'
import type { Marker, Span } from './types.js'

const marker = /(?:^|\n)[\s*]*ctx:detached\b(?:[ \t]*--[ \t]*([^\n]*))?/

/**
 * `// ctx:detached -- reason` stands before the statement or declaration that it speaks of, or behind a
 * statement on the same line.
 */
export function readMarkers(
  comments: readonly Comment[],
  statements: readonly StatementSpan[],
  text: string,
): Marker[] {
  return comments.flatMap((comment): Marker[] => {
    const match = marker.exec(comment.value)
    if (!match) return []
    const target = targetOf(comment, statements, text)
    return [
      {
        start: comment.start,
        end: comment.end,
        reason: (match[1] ?? '').replace(/\*+\s*$/, '').trim(),
        target: target && { start: target.start, end: target.end },
        declaration: target?.declaration ?? false,
      },
    ]
  })
}

function targetOf(
  comment: Span,
  statements: readonly StatementSpan[],
  text: string,
): StatementSpan | undefined {
  const lineStart = text.lastIndexOf('\n', comment.start - 1) + 1
  const before = text.slice(lineStart, comment.start)
  if (before.trim() !== '') {
    const ended = statements.filter(
      (each) => each.end <= comment.start && each.end > lineStart && each.start >= lineStart - 1,
    )
    const same = ended.filter((each) => !text.slice(each.end, comment.start).includes('\n'))
    if (same.length > 0) return largest(same)
  }
  const next = skipTrivia(text, comment.end)
  const following = statements.filter((each) => each.start === next)
  const outer = largest(following)
  // `export const f = …` starts where its inner declaration does not; either may say what it declares.
  return outer && { ...outer, declaration: following.some((each) => each.declaration) }
}

function largest(spans: readonly StatementSpan[]): StatementSpan | undefined {
  return spans.reduce<StatementSpan | undefined>(
    (best, each) => (!best || each.end - each.start > best.end - best.start ? each : best),
    undefined,
  )
}
