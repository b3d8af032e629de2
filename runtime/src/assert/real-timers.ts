/**
 * @param caller the function that the user called, for messages.
 * @throws {Error} when the test has replaced the timers: PostgreSQL takes its time regardless.
 */
export function assertRealTimers(caller: string): void {
  const timer = globalThis.setTimeout as {
    clock?: unknown
    _isMockFunction?: unknown
    name?: string
  }
  // What node:test puts there is a bound method of its MockTimers.
  const isNodes = timer.name?.startsWith('bound #') === true
  if (timer.clock === undefined && timer._isMockFunction !== true && !isNodes) return
  throw new Error(
    `${caller}: fake timers are on, so that deadlines and retries would stand still: switch them ` +
      'off for this test (vi.useRealTimers(), jest.useRealTimers(), mock.timers.reset())',
  )
}
