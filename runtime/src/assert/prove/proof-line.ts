import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chainOf } from '../ledger/message.js'
import type { LedgerQuery } from '../ledger/query.js'
import { diagnose, type Diagnosis } from '../ledger/violation.js'
import type { OtherEnd, ProbeResult } from './probe.js'

/**
 * What a run has found out about a statement. `seen` is one that was reached and not put to the test, `untested`
 * one that cannot be, `detached` one that need not end with its request.
 */
export type ProofVerdict = ProbeResult['verdict'] | 'detached'

/** One line of what a process under `ctx-fix prove` writes. */
export interface ProofLine {
  /** Of the statement and the way to it, see `keyOf`. */
  readonly key: string
  readonly entryPoint: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly sql: string
  readonly chain: readonly string[]
  readonly verdict: ProofVerdict
  /** Milliseconds from the disconnect until PostgreSQL had left the statement. */
  readonly stoppedAfterMs?: number
  /** What ended it instead of a cancel. */
  readonly endedBy?: OtherEnd
  /** Why it was not put to the test. */
  readonly why?: string
  /** The rule that would have found why it ran on. */
  readonly rule?: Diagnosis['rule']
  /** Where a signal that the entry point had is not passed on. */
  readonly lostAt?: Diagnosis['lostAt']
}

/** The folder in which processes and `ctx-fix prove` meet. */
export class ProofFolder {
  readonly #path: string
  readonly #written = new Set<string>()

  constructor(path: string) {
    this.#path = path
  }

  /** Keys that earlier runs have settled. */
  settled(): Set<string> {
    return new Set(JSON.parse(readFileSync(join(this.#path, 'settled.json'), 'utf8')) as string[])
  }

  /** Written at once, because a test run may end its processes without notice. */
  write(query: LedgerQuery, key: string, found: ProbeResult | Plain): void {
    const { site } = query
    const written = `${found.verdict} ${key}`
    if (site === undefined || this.#written.has(written)) return
    this.#written.add(written)
    const { verdict } = found
    const line: ProofLine = {
      key,
      entryPoint: query.entryPointName ?? '',
      file: site.file,
      line: site.line,
      column: site.column,
      sql: query.sql,
      chain: chainOf(query),
      ...found,
      ...(verdict === 'cancelled' ? { stoppedAfterMs: Math.round(found.stoppedAfterMs) } : {}),
      ...(verdict === 'ran-on' ? diagnose(query, 'unbound') : {}),
    }
    appendFileSync(join(this.#path, `${process.pid}.jsonl`), `${JSON.stringify(line)}\n`)
  }
}

interface Plain {
  readonly verdict: 'detached'
}
