import { currentSignal } from '../ambient.js'
import { linkSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'
import type { RequestSignalOptions } from './request-signal.js'

/** A signal where no request is at hand: a deadline, and the surrounding signal where there is one. */
export function unboundSignal({ timeoutMs }: RequestSignalOptions = {}): AbortSignal {
  const surrounding = currentSignal()
  const parents = surrounding === undefined ? [] : [surrounding]
  return linkSignal(parents, timeoutMs ?? sharedState.defaults.requestTimeoutMs).signal
}
