import { AsyncLocalStorage } from 'node:async_hooks'
import { channel, type Channel } from 'node:diagnostics_channel'
import type { CancelDelivery } from '../pg/cancel-request.js'
import type { AbortError } from '../errors.js'

/**
 * What is published, by the name of its channel on `node:diagnostics_channel`. Messages are made only
 * where somebody has subscribed.
 */
export interface QueryEvents {
  /** A statement, or the wait for a client to execute it on, ended because a signal aborted. */
  'ctx:query:abort': { readonly error: AbortError; readonly text: unknown }
  /** A CancelRequest was sent, or could not be; `processId` is the backend's. */
  'ctx:query:cancel': { readonly processId: number | null; readonly delivery: CancelDelivery }
  /** A connection was given up, because it could not be had back in time or in a clean state. */
  'ctx:query:destroy': { readonly processId: number | null }
}

const channels: Record<keyof QueryEvents, Channel> = {
  'ctx:query:abort': channel('ctx:query:abort'),
  'ctx:query:cancel': channel('ctx:query:cancel'),
  'ctx:query:destroy': channel('ctx:query:destroy'),
}

/** Publishes what `message` makes, if anybody listens. */
export function publish<Name extends keyof QueryEvents>(
  name: Name,
  message: () => QueryEvents[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message())
}

type PublishAbort = (message: () => QueryEvents['ctx:query:abort']) => void

const publishAbort: PublishAbort = (message) => {
  publish('ctx:query:abort', message)
}

/**
 * What publishes an abort later as if from here: it comes from a timer or a socket, and whoever listens wants to
 * know whose statement it was, such as a tracer the span that was active.
 */
export function abortPublisher(): PublishAbort {
  // Asked for each statement: where nobody listens, nothing is made for it.
  if (!channels['ctx:query:abort'].hasSubscribers) return publishAbort
  const here = AsyncLocalStorage.snapshot()
  return (message) => {
    here(publishAbort, message)
  }
}
