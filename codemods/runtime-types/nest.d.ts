import type { RequestSignalOptions } from './request.js'

export { requestSignal, ctxSignal, type RequestSignalOptions } from './request.js'
export declare const Signal: (options?: RequestSignalOptions) => ParameterDecorator
export declare class SignalInterceptor {
  constructor(options?: RequestSignalOptions)
  intercept(context: any, next: { handle(): any }): any
}
export interface JobSignalOptions {
  timeoutMs?: number | undefined
}
export declare function JobSignal(options?: JobSignalOptions): MethodDecorator
