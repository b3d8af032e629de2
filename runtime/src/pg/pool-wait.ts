import { onAbort } from '../abort-listeners.js'
import { publisher } from '../attribution/channels.js'
import { beginSpan } from '../attribution/trace.js'
import { abortError } from '../errors.js'
import type { CheckoutCallback, PgPool } from './pg-internals.js'

/**
 * Checks a client out of `pool`, or calls back with an error as soon as one of `signals` aborts. A
 * client that arrives after that goes straight to the next in line.
 */
export function waitForClient(
  pool: PgPool,
  connect: PgPool['connect'],
  signals: readonly AbortSignal[],
  callback: CheckoutCallback,
): void {
  const aborted = signals.find((signal) => signal.aborted)
  if (aborted !== undefined) {
    process.nextTick(callback, abortError(aborted, 'not-sent'), undefined, nothing)
    return
  }
  const span = beginSpan(signals, 'pool')
  const publish = publisher('ctx:query:abort')
  let isOver = false
  let waiter: object | undefined
  const unsubscribe = signals.map((signal) =>
    onAbort(signal, () => {
      leaveQueue(pool, waiter)
      const error = abortError(signal, 'not-sent', { phase: 'pool' })
      stop()
      publish(() => ({ error, text: undefined }))
      process.nextTick(callback, error, undefined, nothing)
    }),
  )
  const stop = (): void => {
    isOver = true
    span?.end()
    for (const end of unsubscribe) end()
  }
  const length = pool._pendingQueue?.length ?? 0
  void connect.call(pool, (error, client, done) => {
    if (isOver) {
      if (client !== undefined) done()
      return
    }
    stop()
    callback(error, client, done)
  })
  if (pool._pendingQueue !== undefined && pool._pendingQueue.length > length) {
    waiter = pool._pendingQueue.at(-1)
  }
}

/**
 * Thousands of waiters that only hand the client on would each be a call inside the previous one's,
 * and would count as waiting; so the pool is rid of them where it lets us.
 */
function leaveQueue(pool: PgPool, waiter: object | undefined): void {
  const index = waiter === undefined ? -1 : (pool._pendingQueue?.indexOf(waiter) ?? -1)
  if (index !== -1) pool._pendingQueue?.splice(index, 1)
}

function nothing(): void {
  // The `done` of a callback that got no client.
}
