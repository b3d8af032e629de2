import type { Report } from '@ctx-fix/core'
import type { Paint } from '../terminal.js'

/** Pure: what to print for a report, with the line end after it. */
export type Reporter = (report: Report, context: ReportContext) => string

export interface ReportContext {
  readonly command: 'check' | 'fix'
  /** False where a fix only says what it would do. */
  readonly isWritten: boolean
  readonly isQuiet: boolean
  readonly paint: Paint
  /** Columns of the terminal that is written to, if it is one. */
  readonly width?: number | undefined
}
