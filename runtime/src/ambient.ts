import { onAbort } from './abort-listeners.js'
import { followsSignal, linkSignal, recordAbort, type LinkedSignal } from './linked-signal.js'
import { sharedState, type AmbientContext } from './shared-state.js'

const { ambient } = sharedState
const OPTED_OUT: AmbientContext = { signal: null }

/**
 * Runs `fn` so that everything it starts is cancelled when `signal` aborts: queries below it find
 * the signal by themselves. Inside another `withSignal`, either signal cancels.
 *
 * The result of `fn` is awaited inside, so a lazy query builder may be returned as it is. `fn` runs
 * also when `signal` has aborted before; its first statement is then refused. What `fn` throws at
 * once becomes a rejection.
 *
 * @param signal `undefined` inherits the surrounding signal, `null` opts out of it.
 * @throws {TypeError} (as a rejection) when `signal` is something else.
 */
export function withSignal<T>(
  signal: AbortSignal | null | undefined,
  // What is expected of the result is known to a generic call inside only where its promise is spelled out.
  fn: () => PromiseLike<T>,
): Promise<T>
export function withSignal<T>(
  signal: AbortSignal | null | undefined,
  fn: () => T,
): Promise<Awaited<T>>
export async function withSignal<T>(
  signal: AbortSignal | null | undefined,
  fn: () => T,
): Promise<Awaited<T>> {
  const calledAt = sharedState.tap?.calledAt?.(withSignal)
  if (signal === undefined) {
    if (calledAt === undefined) return await fn()
    return await runInside({ signal: null, ...ambient.getStore(), calledAt }, fn)
  }
  if (signal === null) return await runInside(at(calledAt, OPTED_OUT), fn)
  assertSignal(signal)
  const outer = currentSignal()
  let linked: LinkedSignal | undefined
  if (outer !== undefined && !followsSignal(signal, outer))
    linked = linkSignal([outer, signal], Infinity)
  const effective = linked?.signal ?? signal
  const forget = onAbort(effective, () => {
    recordAbort(effective)
  })
  try {
    return await runInside(at(calledAt, { signal: effective }), fn)
  } finally {
    forget()
    linked?.dispose()
  }
}

/**
 * Runs `fn` free of the caller's signal, for work that must outlive the request: an audit record, a
 * cache that others share. `reason` says why, for the reader and for diagnostics.
 *
 * @throws {TypeError} (as a rejection) when `reason` is empty.
 */
export function detached<T>(reason: string, fn: () => PromiseLike<T>): Promise<T>
export function detached<T>(reason: string, fn: () => T): Promise<Awaited<T>>
export async function detached<T>(reason: string, fn: () => T): Promise<Awaited<T>> {
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw new TypeError('detached() needs a reason, in words')
  }
  const calledAt = sharedState.tap?.calledAt?.(detached)
  return await runInside(at(calledAt, { signal: null, detachedReason: reason }), fn)
}

/** The signal of the surrounding `withSignal` or middleware; `undefined` where there is none. */
export function currentSignal(): AbortSignal | undefined {
  return ambient.getStore()?.signal ?? undefined
}

/** Runs `fn` at once with `signal` as the surrounding one: for middleware that calls `next()`. */
export function enterSignal<T>(signal: AbortSignal, fn: () => T): T {
  return ambient.run({ signal }, fn)
}

/** Runs `fn` at once with nothing around it: for what is shared between requests, like a socket. */
export function leaveAmbient<T>(fn: () => T): T {
  return ambient.run(undefined, fn)
}

/**
 * `fn`, to be run with what surrounds the caller now, whoever runs it. AsyncResource.bind would carry
 * everybody's context, not only ours, at ten times the price on Node 20.
 */
export function bindAmbient<Args extends unknown[]>(
  fn: (...args: Args) => void,
): (...args: Args) => void {
  const context = ambient.getStore()
  return (...args) => {
    ambient.run(context, fn, ...args)
  }
}

/** @throws {TypeError} when `value` is not an AbortSignal. */
export function assertSignal(value: unknown): asserts value is AbortSignal {
  if (!isSignal(value)) {
    throw new TypeError(`signal must be an AbortSignal, null or undefined, not ${describe(value)}`)
  }
}

/** By shape, because polyfills and other realms have AbortSignal classes of their own. */
export function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AbortSignal).aborted === 'boolean' &&
    typeof (value as AbortSignal).addEventListener === 'function'
  )
}

function at(calledAt: object | undefined, context: AmbientContext): AmbientContext {
  return calledAt === undefined ? context : { ...context, calledAt }
}

async function runInside<T>(context: AmbientContext, fn: () => T): Promise<Awaited<T>> {
  return await ambient.run(context, async () => await fn())
}

function describe(value: unknown): string {
  return typeof value === 'object' ? Object.prototype.toString.call(value) : typeof value
}
