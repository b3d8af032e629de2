import { runJob, signalOfJob, type JobFacts, type JobSignalOptions } from './job-signal.js'

export type { JobSignalOptions } from './job-signal.js'

/** A task as Graphile Worker calls it. */
type Task = (payload: never, helpers: never) => unknown

/**
 * The signal of a job of Graphile Worker: aborts when the worker shuts down and has waited for
 * `gracefulShutdownAbortTimeout` (`helpers.abortSignal`, where it has one), and at its deadline. The same
 * signal however often it is asked for.
 *
 * @param helpers the task's second parameter.
 * @throws {TypeError} when it is something else.
 */
export function requestSignal(helpers: object, options?: JobSignalOptions): AbortSignal {
  return signalOfJob(factsOf(helpers), options)
}

/**
 * A task, or all tasks of a list, with their jobs' signal around them:
 * `run({ taskList: withJobSignal({ sendMail, sweep }) })`.
 */
export function withJobSignal<Tasks extends Task | Readonly<Record<string, Task | undefined>>>(
  tasks: Tasks,
  options?: JobSignalOptions,
): Tasks {
  if (typeof tasks === 'function') return surrounded(tasks, options) as unknown as Tasks
  const list = Object.entries(tasks).map(([name, task]): [string, Task | undefined] => [
    name,
    task && surrounded(task, options),
  ])
  return Object.fromEntries(list) as Tasks
}

function surrounded(task: Task, options: JobSignalOptions | undefined): Task {
  return (payload, helpers) => runJob(factsOf(helpers), options, () => task(payload, helpers))
}

function factsOf(helpers: object): JobFacts {
  const { job, abortSignal } = helpers as {
    job?: { task_identifier?: string }
    abortSignal?: unknown
  }
  if (typeof job !== 'object') {
    throw new TypeError('requestSignal() takes the helpers that Graphile Worker gave to the task')
  }
  return { key: helpers, name: job.task_identifier ?? 'task', signal: abortSignal }
}
