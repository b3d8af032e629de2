/** Something the user can cure; the message is one line that names the file and the cure. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
