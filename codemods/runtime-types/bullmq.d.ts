import type { JobSignalOptions } from './job.js'

export type { JobSignalOptions } from './job.js'
type AnyProcessor = (job: any, token?: string, signal?: AbortSignal) => unknown
export declare function requestSignal(
  job: object,
  signal?: AbortSignal,
  options?: JobSignalOptions,
): AbortSignal
export declare function withJobSignal<Processor extends AnyProcessor>(
  processor: Processor,
  options?: JobSignalOptions,
): Processor
