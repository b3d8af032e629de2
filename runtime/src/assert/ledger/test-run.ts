/** One run of one test; retries are others. */
export interface TestRun {
  readonly name: string
  /** Whether it has ended, and the time of grace with it. */
  isOver: boolean
}
