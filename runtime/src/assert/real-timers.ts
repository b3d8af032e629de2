/**
 * @param caller the function that the user called, for messages.
 * @throws {Error} when the test has replaced the timers: PostgreSQL takes its time regardless.
 */
export function assertRealTimers(caller: string): void {
  const timer = globalThis.setTimeout as { clock?: unknown; _isMockFunction?: unknown }
  if (timer.clock === undefined && timer._isMockFunction !== true) return
  throw new Error(
    `${caller}: fake timers are on, so that deadlines and retries would stand still: switch them ` +
      'off for this test (vi.useRealTimers(), jest.useRealTimers())',
  )
}
