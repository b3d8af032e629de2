import type { CodemodName } from './host.js'
import { UsageError } from './usage-error.js'

/** What each codemod does, for the help: one line. */
export const codemodWords: Readonly<Record<CodemodName, string>> = {
  'derive-in-handler': 'handlers derive a working signal from their request',
  'release-client': 'clients that are checked out are released in finally',
  'dispose-deadline': 'timers that abort a controller are cleared in finally',
  'race-to-signal': 'Promise.race of a query and a timer becomes a deadline',
  'inner-client': "queries in a transaction use the transaction's client",
  'join-signal': "signals that are made afresh are joined with the caller's",
  'cancel-strategy': 'libraries are told to cancel on the server too',
  'to-ambient': 'signals that are passed give way to one that surrounds each request',
  'to-explicit': 'and back: signals are passed, and the middleware goes',
  detach: 'work that nobody awaits is marked, with --reason',
}

/** @throws {UsageError} where there is no such codemod, or its reason is missing or one too many. */
export function readCodemod(
  name: string,
  reason: string | undefined,
): { readonly name: CodemodName; readonly reason?: string } {
  if (!isCodemod(name)) {
    const names = Object.keys(codemodWords).join(', ')
    throw new UsageError(`there is no codemod '${name}', only ${names}`)
  }
  if (name !== 'detach') {
    if (reason !== undefined) throw new UsageError(`--reason is for detach, ${name} takes none`)
    return { name }
  }
  const words = reason?.trim() ?? ''
  if (words === '') throw new UsageError(`detach needs --reason "why the work may go on"`)
  if (/[\r\n]|\*\//.test(words)) throw new UsageError('--reason is one line of a comment')
  return { name, reason: words }
}

function isCodemod(name: string): name is CodemodName {
  return Object.hasOwn(codemodWords, name)
}
