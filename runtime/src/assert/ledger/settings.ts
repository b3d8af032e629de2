import type { LedgerQuery } from './query.js'

/**
 * Which queries need a signal or a deadline.
 *
 * - `request`: those made while a request or a job is being served.
 * - `all`: every query that a test makes outside of `asSetUp`.
 * - `record`: none; the ledger only keeps its records.
 */
export type LedgerMode = 'request' | 'all' | 'record'

export interface LedgerSettings {
  readonly mode: LedgerMode
  /** What may go without signal and deadline. */
  readonly allow: {
    /** Queries for which it returns true. */
    readonly query?: (query: LedgerQuery) => boolean
    /** Queries whose call site is in a file that one of these matches. */
    readonly files?: readonly RegExp[]
    /** Queries inside `detached` with such a reason. Left out, any reason will do. */
    readonly detached?: readonly RegExp[]
  }
  /** Milliseconds that a query may still take when its test has ended; 50 unless set. */
  readonly outliveMs: number
}

const SETTINGS: unique symbol = Symbol.for('@ctx-fix/runtime.assert.settings:1')

const host = globalThis as { [SETTINGS]?: LedgerSettings | undefined }

/** The settings in force. */
export function ledgerSettings(): LedgerSettings {
  return (host[SETTINGS] ??= { mode: modeOfEnvironment(), allow: {}, outliveMs: 50 })
}

/**
 * Changes the settings of the ledger, in a set-up file or at the top of a test file; those left out
 * keep their value.
 *
 * @throws {TypeError} for a mode that does not exist.
 */
export function configureLedger(settings: Partial<LedgerSettings>): void {
  if (settings.mode !== undefined) assertMode(settings.mode)
  host[SETTINGS] = { ...ledgerSettings(), ...settings }
}

function modeOfEnvironment(): LedgerMode {
  const mode = process.env['CTX_FIX_LEDGER'] ?? 'request'
  assertMode(mode)
  return mode
}

function assertMode(mode: string): asserts mode is LedgerMode {
  if (!['request', 'all', 'record'].includes(mode)) {
    throw new TypeError(`ctx-fix: the ledger's mode is request, all or record, not ${mode}`)
  }
}
