import { oncePer } from '../once-per.js'
import { firstFrom } from './text.js'
import type { Expr, FileFacts, Span } from './types.js'

const byPosition = oncePer(({ exprs }: FileFacts) => exprs.toSorted((a, b) => a.start - b.start))

/** The expressions that stand within a piece of the text, found without a walk over the whole file. */
export function exprsWithin(facts: FileFacts, { start, end }: Span): readonly Expr[] {
  const sorted = byPosition(facts)
  const found: Expr[] = []
  for (let at = firstFrom(sorted, start); at < sorted.length; at += 1) {
    const expr = sorted[at]
    if (!expr || expr.start > end) break
    if (expr.end <= end) found.push(expr)
  }
  return found
}
