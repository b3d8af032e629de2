import type { ReservedSql, Sql } from 'postgres'
import { onAbort } from '../abort-listeners.js'
import { beginSpan } from '../attribution/trace.js'
import { abortError } from '../errors.js'

/**
 * Reserves a connection, or rejects as soon as one of `signals` aborts. A connection that arrives
 * after that goes straight back.
 */
export async function reserveConnection(
  sql: Pick<Sql, 'reserve'>,
  signals: readonly AbortSignal[],
): Promise<ReservedSql> {
  const wait = waitForConnection(signals)
  const arriving = sql.reserve()
  try {
    const connection = await Promise.race([arriving, wait.abort])
    wait.end()
    return connection
  } catch (error) {
    // Not more than once, however many signals abort: two would own what is released twice.
    void arriving.then(release, ignore)
    throw error
  } finally {
    wait.end()
  }
}

/** The wait for a connection, as long as it may take and where its time goes. */
export interface ConnectionWait {
  /** Rejects when the first of the signals aborts before the end; never resolves. */
  readonly abort: Promise<never>
  /** The connection is there, or will never be; harmless when repeated. */
  end(): void
}

export function waitForConnection(signals: readonly AbortSignal[]): ConnectionWait {
  const span = beginSpan(signals, 'pool')
  let unsubscribe: (() => void)[] = []
  const abort = new Promise<never>((_resolve, reject) => {
    unsubscribe = signals.map((signal) =>
      onAbort(signal, () => {
        reject(abortError(signal, 'not-sent', { phase: 'pool' }))
      }),
    )
  })
  return {
    abort,
    end() {
      span?.end()
      for (const end of unsubscribe) end()
    },
  }
}

function release(late: ReservedSql): void {
  late.release()
}

function ignore(): void {
  // It could not connect: there is nothing to give back.
}
