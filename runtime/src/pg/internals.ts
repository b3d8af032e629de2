/**
 * Switches for mutation tests: each takes out one of the guarantees, so that a test can show that it
 * would be missed. Not exported from the package.
 */
export const guarantees = {
  /** Hold the client until the server has closed the cancel connection. */
  awaitCancelClose: true,
  /** Send a cancel again that came before the backend had read the statement. */
  retryLostCancel: true,
  /** Send a cancel at all. */
  sendCancel: true,
}
