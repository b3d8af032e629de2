import { instrumentAllCopies } from './find-copies.js'

export type { SignalOptions } from './augment.js'
export { instrument } from './instrument.js'

instrumentAllCopies()
