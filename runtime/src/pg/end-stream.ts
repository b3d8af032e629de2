import type { AbortError } from '../errors.js'
import type { PgConnection, PgQuery } from './pg-internals.js'

/** What an aborted statement still has to be told, so that it ends. */
export interface StreamEnding {
  /** The reader of rows, and what it is to be told where no answer of the server ends it. */
  readonly error: () => AbortError
  /** Ends a cursor that is no stream: tells its readers, and asks the server for ReadyForQuery. */
  readonly refuse: (error: AbortError) => void
}

/**
 * A cancel ends what the backend is executing. Cursors and COPY streams can be in the middle of their work with
 * the backend waiting for them, and then it looks at no cancel: so they are ended from this side.
 */
export function endStream(query: PgQuery, ending: StreamEnding): void {
  if (query.handleCopyInResponse !== undefined) endCopyIn(query, ending)
  else if (cursorOf(query) !== undefined) endCursor(query, ending)
  else if (query._pgDataHandler) drainCopyOut(query, ending)
}

/**
 * The connection of `query` has ended. pg-cursor goes on to wait for ReadyForQuery when it is closed, which a stream
 * over it does before it tells of any error.
 */
export function endLostCursor(query: PgQuery, connection: PgConnection, error: unknown): void {
  const cursor = cursorOf(query)
  if (cursor === undefined) return
  cursor.connection = null
  if (query !== cursor) query.destroy?.(error as Error)
  for (const waiter of connection.rawListeners('readyForQuery')) {
    // Made by once(): pg's own listener stays.
    if ('listener' in waiter) (waiter as unknown as () => void)()
  }
}

function cursorOf(query: PgQuery): PgQuery | undefined {
  if (query.cursor !== undefined) return query.cursor
  return query.state !== undefined && query.handlePortalSuspended !== undefined ? query : undefined
}

/**
 * Between two fetches the backend waits for the next, which would then be a race with a repeated cancel; so there
 * is none.
 */
function endCursor(query: PgQuery, { error, refuse }: StreamEnding): void {
  const end = (): void => {
    if (query.cursor === undefined) refuse(error())
    else query.destroy?.(error())
  }
  const isBetweenFetches = (): boolean => {
    const { state, _cb: reader } = cursorOf(query) ?? {}
    return state === 'idle' && !reader
  }
  if (isBetweenFetches()) {
    end()
    return
  }
  query.handlePortalSuspended = end
  const endIfBetweenFetches = (): void => {
    if (isBetweenFetches()) end()
  }
  // At idle with a reader, it is a fetch that was asked for with the statement itself, or one that has just ended:
  // its rows are handed over in a moment.
  setImmediate(endIfBetweenFetches)
  if (cursorOf(query)?.state === 'submitted') onceDescribed(query, endIfBetweenFetches)
}

/** Calls `listener` when the server has said what rows there will be, and the cursor has heard it. */
function onceDescribed(query: PgQuery, listener: () => void): void {
  const connection = cursorOf(query)?.connection
  const messages = ['rowDescription', 'noData', 'errorMessage', 'end']
  const heard = (): void => {
    for (const message of messages) connection?.off(message, heard)
    setImmediate(listener)
  }
  for (const message of messages) connection?.on(message, heard)
}

/**
 * A server that waits for rows to copy looks at no cancel until one comes, so it is told that none will: a
 * stream of pg-copy-streams sends CopyFail when it is destroyed. One that has been ended has sent CopyDone.
 */
function endCopyIn(query: PgQuery, { error }: StreamEnding): void {
  if (query.writableEnded) return
  const { cause } = error()
  query.destroy?.(cause instanceof Error ? cause : new Error('the signal aborted'))
}

/** A backend that cannot write looks at no cancel, so what comes is read, for nobody. */
function drainCopyOut(query: PgQuery, { error }: StreamEnding): void {
  const push = query.push?.bind(query)
  let isCut = false
  query.push = (chunk) => {
    if (chunk !== null) isCut = true
    else if (isCut) query.destroy?.(error())
    else push?.(null)
    return true
  }
  query._read?.()
}
