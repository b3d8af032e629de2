import { errorChain } from '../error-chain.js'
import type { Outcome } from '../errors.js'

/** What an error says of its effect, through whatever wraps it. */
export function outcomeOf(error: unknown): Outcome | undefined {
  for (const each of errorChain(error)) {
    if ('outcome' in each) return each.outcome as Outcome
  }
  return undefined
}
