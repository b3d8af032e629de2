export { requestSignal, type RequestSignalOptions } from './request.js'
export declare const ctxSignal: (
  app: any,
  options: { timeoutMs?: number | undefined },
  done: (error?: Error) => void,
) => void
