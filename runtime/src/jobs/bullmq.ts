import { runJob, signalOfJob, type JobFacts, type JobSignalOptions } from './job-signal.js'

export type { JobSignalOptions } from './job-signal.js'

/** A processor is typed by the worker that it is given to, or by `Processor`. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type AnyProcessor = (job: any, token?: string, signal?: AbortSignal) => unknown

/**
 * The signal of a job of BullMQ: aborts when `worker.cancelJob()` is called, and at its deadline. The
 * same signal however often it is asked for.
 *
 * BullMQ makes a signal only for a processor that declares three parameters, and before 5.64 for none:
 * without `withJobSignal` around the processor, and without `signal`, the deadline alone aborts it.
 *
 * @param job the processor's first parameter.
 * @param signal its third, where it declares that.
 * @throws {TypeError} when `job` is not a job of BullMQ.
 */
export function requestSignal(
  job: object,
  signal?: AbortSignal,
  options?: JobSignalOptions,
): AbortSignal {
  return signalOfJob(factsOf(job, signal), options)
}

/**
 * `processor` with its job's signal around it, and as its third parameter:
 * `new Worker('mail', withJobSignal(async (job) => …))`. What it gives declares three parameters, which
 * is how BullMQ knows that the job can be cancelled.
 */
export function withJobSignal<Processor extends AnyProcessor>(
  processor: Processor,
  options?: JobSignalOptions,
): Processor {
  const surrounded = (job: object, token?: string, signal?: AbortSignal) =>
    runJob(factsOf(job, signal), options, (own) => processor(job, token, own))
  return surrounded as Processor
}

function factsOf(job: object, signal: AbortSignal | undefined): JobFacts {
  const { name, queueName } = job as { name?: unknown; queueName?: unknown }
  if (typeof name !== 'string') {
    throw new TypeError('requestSignal() takes the job that BullMQ gave to the processor')
  }
  return { key: job, name: typeof queueName === 'string' ? `${queueName}/${name}` : name, signal }
}
