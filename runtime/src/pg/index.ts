import { instrumentAllCopies } from './find-copies.js'

export type { SignalOptions } from './augment.js'
export { doctor } from './doctor.js'
export type { Finding } from './doctor.js'
export { instrument } from './instrument.js'

instrumentAllCopies()
