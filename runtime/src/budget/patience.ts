import { onAbort } from '../abort-listeners.js'
import { abortError } from '../errors.js'
import { sharedState } from '../shared-state.js'

/** A statement whose connection is destroyed when its grace period is over tells of that first. */
const MARGIN_MS = 100

const CONSEQUENCE = 'what ran under it has not ended, so whether it took effect is unknown'

/** The end of patience with what does not heed its signal. */
export interface Patience {
  /** Rejects `cancelGraceMs` after the abort; never resolves. */
  readonly over: Promise<never>
  /** It has ended. */
  end(): void
}

export function bePatientAfter(signal: AbortSignal): Patience {
  let timer: NodeJS.Timeout | undefined
  let forget: (() => void) | undefined
  const over = new Promise<never>((_resolve, reject) => {
    const wait = (): void => {
      timer = setTimeout(() => {
        reject(abortError(signal, 'unknown', { consequence: CONSEQUENCE }))
      }, sharedState.defaults.cancelGraceMs + MARGIN_MS)
      timer.unref()
    }
    if (signal.aborted) wait()
    else forget = onAbort(signal, wait)
  })
  return {
    over,
    end() {
      forget?.()
      clearTimeout(timer)
    },
  }
}
