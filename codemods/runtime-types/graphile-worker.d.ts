import type { JobSignalOptions } from './job.js'

export type { JobSignalOptions } from './job.js'
type Task = (payload: never, helpers: never) => unknown
export declare function requestSignal(helpers: object, options?: JobSignalOptions): AbortSignal
export declare function withJobSignal<
  Tasks extends Task | Readonly<Record<string, Task | undefined>>,
>(tasks: Tasks, options?: JobSignalOptions): Tasks
