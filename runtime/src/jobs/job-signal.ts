import { currentSignal, enterSignal, isSignal } from '../ambient.js'
import { linkSignal, type LinkedSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'

export interface JobSignalOptions {
  /**
   * Deadline in milliseconds from the moment that the signal is asked for; where left out, the one that
   * the library keeps for the job, else the configured `jobTimeoutMs` (900,000). Where the job has a
   * signal already, an earlier deadline wins.
   */
  timeoutMs?: number | undefined
}

/** What a library says of a job. */
export interface JobFacts {
  /** Stands for the job: the same object in all that is asked about it. */
  readonly key: object
  /** For messages and the test ledger. */
  readonly name: string
  /** The library's own signal, where it has one. */
  readonly signal?: unknown
  /** When the library itself gives the job up; milliseconds from now. */
  readonly expiresInMs?: number | undefined
}

/**
 * The signal of a job: aborts with the library's own, and at the deadline. Nothing tells when a job is
 * over unless it is run by `runJob`; its timer does not keep the process alive.
 */
export function signalOfJob(facts: JobFacts, options?: JobSignalOptions): AbortSignal {
  return linkOf(facts, options).signal
}

/** Runs a job with its signal around it, as a scope of its own for the test ledger, and ends the signal's timer after it. */
export async function runJob<T>(
  facts: JobFacts,
  options: JobSignalOptions | undefined,
  fn: (signal: AbortSignal) => T,
): Promise<Awaited<T>> {
  const link = linkOf(facts, options)
  const run = async (): Promise<Awaited<T>> => {
    try {
      return await enterSignal(link.signal, () => fn(link.signal))
    } finally {
      link.dispose()
    }
  }
  return await asLedgerJob(facts.name, run, () => {
    link.abort(new DOMException('The job was cancelled', 'AbortError'))
  })
}

/**
 * In test mode, tells the ledger that what `fn` starts serves a job.
 *
 * @param cancel ends the job as its queue would.
 */
export function asLedgerJob<T>(name: string, fn: () => Promise<T>, cancel: () => void): Promise<T> {
  return sharedState.tap?.asJob?.(name, fn, cancel) ?? fn()
}

function linkOf({ key, signal, expiresInMs }: JobFacts, options: JobSignalOptions = {}) {
  const known = sharedState.requestSignals.get(key) as LinkedSignal | undefined
  const { timeoutMs } = options
  if (known !== undefined) {
    if (timeoutMs === undefined || deadlineOf(known) <= performance.now() + timeoutMs) return known
    return linkSignal([known.signal], timeoutMs)
  }
  const parents = [signal, currentSignal()].filter(isSignal)
  const limit = timeoutMs ?? expiresInMs ?? sharedState.defaults.jobTimeoutMs
  const link = linkSignal(parents, limit)
  sharedState.requestSignals.set(key, link)
  return link
}

function deadlineOf({ signal }: LinkedSignal): number {
  return sharedState.deadlines.get(signal) ?? Infinity
}
