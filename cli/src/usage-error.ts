/**
 * Something the user can cure. The message is one line that names the file or option and the cure;
 * it is all that is printed, and the command exits with 2.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * By name, not by class: `@ctx-fix/codemods` throws its own, and looking for that class would load
 * the package before a command needs it.
 */
export function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'UsageError'
}
