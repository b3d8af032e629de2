import type { Reporter } from './reporter.js'

/** The report as it is: the shape in `@ctx-fix/core` is the contract. */
export const reportJson: Reporter = (report) => `${JSON.stringify(report, null, 2)}\n`
