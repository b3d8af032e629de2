import promises from 'node:timers/promises'
import { notePlatformDeadlines } from '../platform-signals.js'
import { currentEntryPoint } from './entry-point.js'
import { Ledger } from './ledger.js'
import { describeViolation } from './message.js'
import type { LedgerQuery } from './query.js'
import { ledgerSettings } from './settings.js'
import type { TestRun } from './test-run.js'
import { watchUnheard } from './unheard.js'
import { isUnbound } from './violation.js'

// Taken at once, because tests install fake timers later.
const { setTimeout: sleep } = promises
const now = performance.now.bind(performance)
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
  /** Those that have begun and not ended: several where tests are concurrent or nested. */
  #running: TestRun[] = []
  readonly #reported = new WeakSet<LedgerQuery>()
  /** Queries of requests and jobs between tests: of hooks, and of tests that had ended. */
  #between: LedgerQuery[] = []
  /** Statements of requests and jobs that went past the ledger. */
  readonly #unheard: LedgerQuery[] = []
  readonly #restores: (() => void)[] = []

  start(): void {
    this.ledger.start()
    this.#restores.push(
      notePlatformDeadlines(),
      watchUnheard((sql, above) => {
        if (currentEntryPoint()?.isOver === false)
          this.#unheard.push(this.ledger.unheard(sql, above))
      }),
    )
  }

  stop(): void {
    this.ledger.stop()
    for (const restore of this.#restores.splice(0)) restore()
  }

  /** A test begins: what set-up hooks have asked for directly is dropped. */
  began(name: string): void {
    if (this.#running.length === 0) this.#keepServed()
    const test: TestRun = { name, isOver: false }
    this.#running.push(test)
    this.ledger.runningTests = [...this.ledger.runningTests, test]
  }

  /**
   * The test has ended.
   *
   * @throws {LedgerError} naming its queries that are not in order.
   */
  async ended(name: string): Promise<void> {
    const test = this.#running.findLast((each) => each.name === name)
    this.#running = this.#running.filter((each) => each !== test)
    await this.#judge(test)
  }

  /**
   * The last test of a file has ended.
   *
   * @throws {LedgerError} naming queries that outlive it.
   */
  async finished(): Promise<void> {
    this.#keepServed()
    await this.#judge(undefined)
  }

  async #judge(test: TestRun | undefined): Promise<void> {
    const settings = ledgerSettings()
    if (settings.mode !== 'record') await this.#untilSettled(settings.outliveMs)
    if (test !== undefined) {
      test.isOver = true
      this.ledger.runningTests = this.ledger.runningTests.filter((each) => each !== test)
    }
    const isLast = this.#running.length === 0
    // First, because a query that nobody awaits lacks a signal for that reason.
    const outliving = settings.mode === 'record' || !isLast ? [] : this.#new(outlivesItsTest)
    const unbound = this.#new((query) => isUnbound(query, settings))
    const unheard = this.#unheard.splice(0).filter((query) => isUnbound(query, settings))
    if (isLast) {
      this.ledger.take()
      this.#between = []
    }
    if (unbound.length + outliving.length + unheard.length === 0) return
    const messages = [
      ...unheard.map((query) => describeViolation(query, 'unheard')),
      ...unbound.map((query) => describeViolation(query, 'unbound')),
      ...outliving.map((query) => describeViolation(query, 'outlives-test')),
    ]
    throw new LedgerError(messages.join('\n\n'), [...unheard, ...unbound, ...outliving])
  }

  /** Drops what hooks have asked for directly between tests, and keeps what they had served. */
  #keepServed(): void {
    this.#between.push(...this.ledger.take().filter(({ entryPoint }) => entryPoint !== undefined))
  }

  async #untilSettled(withinMs: number): Promise<void> {
    const deadline = now() + withinMs
    while (now() < deadline) {
      if (this.ledger.queries.every(({ phase, isSetUp }) => phase === 'done' || isSetUp)) return
      await sleep(POLL_MS)
    }
  }

  #new(isWrong: (query: LedgerQuery) => boolean): LedgerQuery[] {
    const candidates = [...this.#between, ...this.ledger.queries]
    const found = candidates.filter((each) => !this.#reported.has(each) && isWrong(each))
    for (const query of found) this.#reported.add(query)
    return found
  }
}

/** Still running, or made when its test had ended. */
function outlivesItsTest({ isSetUp, phase, isLate }: LedgerQuery): boolean {
  return !isSetUp && (phase !== 'done' || isLate)
}
