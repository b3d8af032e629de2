import { isSignal } from '../ambient.js'
import { onAbort } from '../abort-listeners.js'
import { linkSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'
import { runJob, signalOfJob, type JobFacts, type JobSignalOptions } from './job-signal.js'

export type { JobSignalOptions } from './job-signal.js'

/** The parts of a job of pg-boss that matter here; `signal` is there from 12.5 on. */
interface Job {
  readonly id: string
  readonly name: string
  readonly expireInSeconds?: number
  readonly signal?: AbortSignal
}

/** A handler is typed by the call that it is given to. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyHandler = (jobs: any, ...rest: any[]) => unknown

/**
 * The signal of a job of pg-boss, or of the batch that a handler is given: aborts with `job.signal` where
 * pg-boss has one, and when the job expires (`expireInSeconds`), after which pg-boss fails it. That of a
 * batch aborts when all of its jobs have. The same signal however often it is asked for.
 *
 * @throws {TypeError} when it is neither.
 */
export function requestSignal(
  jobs: object | readonly object[],
  options?: JobSignalOptions,
): AbortSignal {
  return signalOfJob(factsOf(jobs), options)
}

/** `handler` with the signal of its batch around it: `boss.work('mail', withJobSignal(async ([job]) => …))`. */
export function withJobSignal<Handler extends AnyHandler>(
  handler: Handler,
  options?: JobSignalOptions,
): Handler {
  const surrounded = (jobs: object, ...rest: unknown[]) =>
    runJob(factsOf(jobs), options, () => handler(jobs, ...rest))
  return surrounded as Handler
}

function factsOf(given: object): JobFacts {
  const jobs: readonly unknown[] = Array.isArray(given) ? given : [given]
  const [first] = jobs
  if (first === undefined || !jobs.every(isJob)) {
    throw new TypeError('requestSignal() takes what pg-boss gave to the handler')
  }
  const expiries = jobs.map(({ expireInSeconds }) => expireInSeconds ?? 0)
  const expiresInMs = Math.max(...expiries) * 1_000
  return {
    // A batch of one is its job: the handler may ask with either.
    key: jobs.length === 1 ? (first as object) : given,
    name: (first as Job).name,
    signal: allOf(jobs.map(({ signal }) => signal)),
    expiresInMs: expiresInMs > 0 ? expiresInMs : undefined,
  }
}

function isJob(value: unknown): value is Job {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Job).id === 'string' &&
    typeof (value as Job).name === 'string'
  )
}

/** Aborts with the last of them: one job whose claim is lost does not end the work on the others. */
function allOf(signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  if (!signals.every(isSignal)) return undefined
  if (signals.length === 1) return signals[0]
  const link = linkSignal([], Infinity)
  const abortIfLast = (signal: AbortSignal): void => {
    if (signals.every(({ aborted }) => aborted)) link.abort(signal.reason)
  }
  for (const signal of signals) {
    if (signal.aborted) abortIfLast(signal)
    else
      onAbort(signal, () => {
        abortIfLast(signal)
      })
  }
  sharedState.parents.set(link.signal, signals)
  return link.signal
}
