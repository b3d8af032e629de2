import promises from 'node:timers/promises'
import { Ledger } from './ledger.js'
import { describeViolation } from './message.js'
import type { LedgerQuery } from './query.js'
import { ledgerSettings } from './settings.js'
import { isUnbound } from './violation.js'

// Taken at once, because tests install fake timers later.
const { setTimeout: sleep } = promises
const POLL_MS = 2

/** A test made queries that it should not have made. */
export class LedgerError extends Error {
  override name = 'LedgerError'
  /** The queries in question. */
  readonly queries: readonly LedgerQuery[]

  constructor(message: string, queries: readonly LedgerQuery[]) {
    super(message)
    this.queries = queries
    // Where this was made is of no interest: the message names the places.
    this.stack = `${this.name}: ${message}`
  }
}

/** Watches the ledger from test to test, for the set-up module of any test runner. */
export class TestWatch {
  readonly ledger = new Ledger()
  #running = 0
  readonly #reported = new WeakSet<LedgerQuery>()
  /** Queries that requests of earlier tests made after those had ended. */
  #late: LedgerQuery[] = []

  start(): void {
    this.ledger.start()
  }

  stop(): void {
    this.ledger.stop()
  }

  /** A test begins: what was recorded since the last one belongs to set-up hooks, and is dropped. */
  began(test: string): void {
    if (this.#running === 0) this.#keepLate()
    this.#running += 1
    this.ledger.currentTest = test
  }

  /**
   * The test has ended.
   *
   * @throws {LedgerError} naming its queries that are not in order.
   */
  async ended(test: string): Promise<void> {
    this.#running -= 1
    await this.#judge(test)
  }

  /**
   * The last test of a file has ended.
   *
   * @throws {LedgerError} naming queries that outlive it.
   */
  async finished(): Promise<void> {
    this.#keepLate()
    await this.#judge(undefined)
  }

  async #judge(test: string | undefined): Promise<void> {
    const settings = ledgerSettings()
    if (settings.mode !== 'record') await this.#untilSettled(settings.outliveMs)
    // First, because a query that nobody awaits lacks a signal for that reason.
    const outliving =
      settings.mode === 'record' || this.#running > 0 ? [] : this.#new((each) => isLate(each, test))
    const unbound = this.#new((query) => isUnbound(query, settings))
    if (this.#running === 0) {
      this.ledger.take()
      this.#late = []
      this.ledger.currentTest = undefined
    }
    if (unbound.length + outliving.length === 0) return
    const messages = [
      ...unbound.map((query) => describeViolation(query, 'unbound')),
      ...outliving.map((query) => describeViolation(query, 'outlives-test')),
    ]
    throw new LedgerError(messages.join('\n\n'), [...unbound, ...outliving])
  }

  /** Drops what hooks have done between tests. */
  #keepLate(): void {
    const taken = this.ledger.take()
    this.#late.push(...taken.filter(({ entryPoint }) => entryPoint?.test !== undefined))
  }

  async #untilSettled(withinMs: number): Promise<void> {
    const deadline = performance.now() + withinMs
    while (performance.now() < deadline) {
      if (this.ledger.queries.every(({ phase, isSetUp }) => phase === 'done' || isSetUp)) return
      await sleep(POLL_MS)
    }
  }

  #new(isWrong: (query: LedgerQuery) => boolean): LedgerQuery[] {
    const candidates = [...this.#late, ...this.ledger.queries]
    const found = candidates.filter((each) => !this.#reported.has(each) && isWrong(each))
    for (const query of found) this.#reported.add(query)
    return found
  }
}

/** Still running, or made for a request that an earlier test sent. */
function isLate(query: LedgerQuery, test: string | undefined): boolean {
  if (query.isSetUp) return false
  const origin = query.entryPoint?.test
  return query.phase !== 'done' || (origin !== undefined && origin !== test)
}
