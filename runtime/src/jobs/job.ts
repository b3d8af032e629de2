import { currentSignal } from '../ambient.js'
import { linkSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'
import { runJob, type JobSignalOptions } from './job-signal.js'

export type { JobSignalOptions } from './job-signal.js'

/**
 * The signal of a job that is called with nothing to know it by, as schedulers call theirs: the one that
 * `withJobSignal` has put around it, else a new one with a deadline.
 */
export function requestSignal(options: JobSignalOptions = {}): AbortSignal {
  const surrounding = currentSignal()
  if (surrounding !== undefined && options.timeoutMs === undefined) return surrounding
  const timeoutMs = options.timeoutMs ?? sharedState.defaults.jobTimeoutMs
  return linkSignal(surrounding === undefined ? [] : [surrounding], timeoutMs).signal
}

/**
 * `job` with a signal around each of its runs, so that its queries need not be given one:
 * `cron.schedule('0 3 * * *', withJobSignal(sweep))`. For schedulers, timers and queues of any kind;
 * `this` and the arguments are handed on.
 *
 * @param options.name of the job in messages; the function's own where left out.
 */
export function withJobSignal<This, Args extends unknown[], Result>(
  job: (this: This, ...args: Args) => Result,
  options?: JobSignalOptions & { name?: string | undefined },
): (this: This, ...args: Args) => Promise<Awaited<Result>> {
  const name = options?.name ?? (job.name === '' ? 'job' : job.name)
  return function (...args) {
    return runJob({ key: {}, name }, options, () => job.apply(this, args))
  }
}
