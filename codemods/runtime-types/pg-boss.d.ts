import type { JobSignalOptions } from './job.js'

export type { JobSignalOptions } from './job.js'
type AnyHandler = (jobs: any, ...rest: any[]) => unknown
export declare function requestSignal(
  jobs: object | readonly object[],
  options?: JobSignalOptions,
): AbortSignal
export declare function withJobSignal<Handler extends AnyHandler>(
  handler: Handler,
  options?: JobSignalOptions,
): Handler
