import type { Comment } from '../syntax/shape.js'
import { locationOf } from './text.js'
import type { Suppression } from './types.js'

const directive =
  /^\s*(?:eslint|oxlint)-(disable-next-line|disable-line|disable|enable)\b([^]*?)(?:\s--\s[^]*)?$/

/** A line behind every other. Not Infinity, which JSON does not know. */
const END_OF_FILE = Number.MAX_SAFE_INTEGER

/**
 * The linters' own comments, so that the command is silent where they are.
 * @see https://eslint.org/docs/latest/use/configure/rules#disabling-rules
 */
export function readSuppressions(
  comments: readonly Comment[],
  lineStarts: readonly number[],
): Suppression[] {
  const found: Suppression[] = []
  for (const comment of comments) {
    const match = directive.exec(comment.value)
    if (!match) continue
    const rules = (match[2] ?? '').split(',').flatMap((name) => name.trim() || [])
    const { line } = locationOf(lineStarts, comment.start)
    const last = locationOf(lineStarts, comment.end).line
    if (match[1] === 'disable-line') found.push({ rules, from: line, to: last })
    else if (match[1] === 'disable-next-line') found.push({ rules, from: last + 1, to: last + 1 })
    else if (match[1] === 'disable') found.push({ rules, from: line, to: END_OF_FILE })
    else closeOpen(found, rules, line)
  }
  return found
}

/** `eslint-enable` ends what was disabled for the rest of the file: the rules it names, or all. */
function closeOpen(found: Suppression[], rules: readonly string[], line: number): void {
  found.forEach((each, index) => {
    const isMeant = rules.length === 0 || rules.join() === each.rules.join()
    if (each.to === END_OF_FILE && isMeant) found[index] = { ...each, to: line }
  })
}

/** Whether a comment silences a rule on a line. */
export function isSuppressed(
  suppressions: readonly Suppression[],
  rule: string,
  line: number,
): boolean {
  return suppressions.some(
    (each) =>
      each.from <= line &&
      line <= each.to &&
      (each.rules.length === 0 || each.rules.includes(`ctx/${rule}`)),
  )
}
