import { runWithin, type Fallback, type RunOptions } from './run-within.js'

/** How long a kind of work may take, and how often it may be tried again. */
export interface BudgetSettings<F = never> {
  /** Milliseconds for each attempt; a shorter deadline around it wins. */
  readonly timeoutMs: number
  /** Attempts after the first; 0 where left out. */
  readonly retries?: number | undefined
  /** What takes the place of the result when the last attempt has run out of time. */
  readonly fallback?: Fallback<F> | undefined
  /** Nothing may take the place of the result, as for `primaryWrite`. */
  readonly isHard?: boolean | undefined
}

/** A named budget, for `run` and for `deriveSignal(parent, { budget })`. */
export interface Budget<F = never> {
  readonly name: string
  /** Milliseconds for each attempt. */
  readonly timeoutMs: number
  readonly retries: number
  /**
   * Runs `fn` with a signal of this budget around it, which aborts after `timeoutMs`. It is tried again
   * only when it failed by a deadline or a full pool, the error's `outcome` says that its statement had no effect, and the surrounding
   * deadline leaves time. What `fn` did before that statement is not undone: let it be one statement
   * or one transaction. An `fn` that has not ended `cancelGraceMs` (and a tenth of a second) after the abort
   * goes on, unheard: the attempt has then failed with the outcome `unknown`, and is not repeated.
   *
   * Between two attempts is a pause of random length: up to 25 ms before the first retry, twice as much
   * before each that follows.
   *
   * @param fn gets the signal, and the number of the attempt, from 0.
   * @param options.parent what bounds all attempts; `undefined` takes the surrounding signal, `null` none.
   * @param options.fallback in place of the budget's own. It takes the place of the result when the last
   *   attempt has failed in one of these two ways (`statusOf` 504 or 503).
   * @throws what the last attempt threw, where there is no fallback for it, and always when `parent` itself
   *   has aborted; what the fallback throws.
   * @throws {AbortError} when `fn` does not end after the abort: a TimeoutError where that was a deadline.
   * @throws {TypeError} (as a rejection) when `parent` is no AbortSignal.
   */
  run<T, G = F>(
    fn: (signal: AbortSignal, attempt: number) => T,
    options?: RunOptions<G>,
  ): Promise<Awaited<T> | G>
}

/** The budget of a write: what it throws is for its caller to see. */
export interface HardBudget extends Omit<Budget, 'run'> {
  /**
   * As that of any budget, with no fallback.
   *
   * @throws {TypeError} (as a rejection) when it is given one.
   */
  run<T>(
    fn: (signal: AbortSignal, attempt: number) => T,
    options?: Pick<RunOptions<never>, 'parent'>,
  ): Promise<Awaited<T>>
}

type Budgets<S> = {
  readonly [Name in keyof S]: S[Name] extends { isHard: true }
    ? HardBudget
    : Budget<S[Name] extends { fallback: Fallback<infer F> } ? F : never>
}

/**
 * Budgets under names that the compiler knows:
 *
 *     const budgets = defineBudgets({
 *       payment: { timeoutMs: 3_000, retries: 2 },
 *       feed: replicaRead({ timeoutMs: 400, fallback: [] }),
 *     })
 *     await budgets.payment.run((signal) => pool.query({ text, values, signal }))
 *
 * @throws {RangeError} for a time that is not positive and finite, or retries that are no count.
 */
export function defineBudgets<S extends Readonly<Record<string, BudgetSettings<unknown>>>>(
  settings: S,
): Budgets<S> {
  const budgets = Object.entries(settings).map(([name, given]) => [name, budgetOf(name, given)])
  return Object.freeze(Object.fromEntries(budgets)) as Budgets<S>
}

/** For writes to the primary: the deadline is an error, also of what does not heed it, and nothing is tried again. */
export function primaryWrite({ timeoutMs }: Pick<BudgetSettings, 'timeoutMs'>): {
  timeoutMs: number
  retries: 0
  isHard: true
} {
  return { timeoutMs, retries: 0, isHard: true }
}

/** For reads from a replica: tried once more, and replaced by the fallback, if there is one. */
export function replicaRead<S extends Omit<BudgetSettings<unknown>, 'retries'>>(
  settings: S,
): S & { retries: 1 } {
  return { ...settings, retries: 1 }
}

function budgetOf(name: string, settings: BudgetSettings<unknown>): Budget<unknown> {
  const { timeoutMs, retries = 0 } = settings
  if (!Number.isFinite(timeoutMs) || timeoutMs <= 0) {
    throw new RangeError(`timeoutMs of ${name} must be positive, not ${String(timeoutMs)}`)
  }
  if (!Number.isInteger(retries) || retries < 0) {
    throw new RangeError(`retries of ${name} must be zero or more, not ${String(retries)}`)
  }
  const budget: Budget = {
    name,
    timeoutMs,
    retries,
    run: (fn, options) => {
      const all = { ...settings, ...options } as RunOptions<never>
      if (settings.isHard && all.fallback !== undefined) {
        return Promise.reject(new TypeError(`${name} is for writes, which have no fallback`))
      }
      return runWithin(budget, fn, all)
    },
  }
  return Object.freeze(budget)
}
