export { cancellable } from './cancellable.js'
export { signalled } from './signalled.js'
export type { AnySql, SignalledOptions } from './signalled.js'
