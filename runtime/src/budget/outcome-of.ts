import type { Outcome } from '../errors.js'

/** Deeper than any ORM wraps its driver's errors. */
const MAX_DEPTH = 8

/** What an error says of its effect, through whatever wraps it as `cause`. */
export function outcomeOf(error: unknown): Outcome | undefined {
  let current = error
  for (let depth = 0; depth < MAX_DEPTH && current instanceof Error; depth++) {
    if ('outcome' in current) return current.outcome as Outcome
    current = current.cause
  }
  return undefined
}
