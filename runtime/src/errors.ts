import { describeAccount } from './attribution/describe-account.js'
import { timeAccount, type TimeAccount } from './attribution/trace.js'
import { knowAcrossCopies } from './known-across-copies.js'

/**
 * What an aborted operation did on the server.
 *
 * - `not-sent`: nothing; it never left this process.
 * - `cancelled`: nothing; PostgreSQL confirmed the cancellation (SQLSTATE 57014).
 * - `unknown`: the connection was given up before an answer came, or the statement is one that may commit
 *   some of its work before it ends (CALL, DO, VACUUM, several statements with a COMMIT among them).
 *
 * The first two are safe to retry.
 */
export type Outcome = 'not-sent' | 'cancelled' | 'unknown'

/**
 * What the operation was waiting for when it ended: a client of the `pool`, whose others were all at
 * work; a new connection to `connect`; its turn in the `queue` of its connection; or the `server`.
 */
export type Phase = 'pool' | 'connect' | 'queue' | 'server'

interface AbortDetails {
  outcome: Outcome
  cause: unknown
  pgError?: unknown
  phase?: Phase | undefined
  spent?: TimeAccount | undefined
}

/**
 * An operation ended because its signal aborted; `cause` is the signal's reason.
 *
 * `instanceof` knows also what another copy of this package made: ESM and CommonJS each have one.
 */
export class AbortError extends Error {
  override name = 'AbortError'
  readonly code = 'ABORT_ERR'
  readonly outcome: Outcome
  /** What the driver or the server reported, where anything was. */
  readonly pgError: unknown
  /** `undefined` where it was not begun. */
  readonly phase: Phase | undefined
  /** For a deadline: where the time went, as far as this package saw it. */
  readonly spent: TimeAccount | undefined

  constructor(message: string, details: AbortDetails) {
    super(message, { cause: details.cause })
    this.outcome = details.outcome
    this.pgError = details.pgError
    this.phase = details.phase
    this.spent = details.spent
  }
}

/** The same, where the reason is a deadline that passed. */
export class TimeoutError extends AbortError {
  override name = 'TimeoutError'
}

/** A signal was given for a connection that cannot cancel; `code` is `CTX_FIX_UNSUPPORTED`. */
export class UnsupportedError extends Error {
  override name = 'UnsupportedError'
  readonly code = 'CTX_FIX_UNSUPPORTED'
}

knowAcrossCopies(AbortError, 'AbortError')
knowAcrossCopies(TimeoutError, 'TimeoutError')
knowAcrossCopies(UnsupportedError, 'UnsupportedError')

const CONSEQUENCES: Record<Outcome, string> = {
  'not-sent': 'nothing was sent',
  cancelled: 'PostgreSQL cancelled the statement',
  unknown: 'the connection was closed, so whether the statement took effect is unknown',
}

/** The error for an operation that `signal` ended. */
export function abortError(
  signal: AbortSignal,
  outcome: Outcome,
  {
    pgError,
    phase,
    consequence = CONSEQUENCES[outcome],
  }: Pick<AbortDetails, 'pgError' | 'phase'> & { consequence?: string } = {},
): AbortError {
  const cause: unknown = signal.reason
  const isTimeout = cause instanceof Error && cause.name === 'TimeoutError'
  const why = cause instanceof Error ? cause.message : 'the signal aborted'
  const details = { outcome, cause, pgError, phase }
  const message = `${why}; ${consequence}`
  if (!isTimeout) return new AbortError(message, details)
  const spent = timeAccount(signal)
  const account = spent && describeAccount(spent)
  const full = account === undefined ? message : `${message}; ${account}`
  return new TimeoutError(full, { ...details, spent })
}

/** For a statement that PostgreSQL cancelled, but that may have committed some of its work before. */
export function partlyCancelled(
  signal: AbortSignal,
  details: Pick<AbortDetails, 'pgError' | 'phase'>,
): AbortError {
  const consequence =
    'PostgreSQL cancelled the statement, which may have committed part of its work'
  return abortError(signal, 'unknown', { ...details, consequence })
}
