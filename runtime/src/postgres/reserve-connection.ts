import type { ReservedSql, Sql } from 'postgres'
import { onAbort } from '../abort-listeners.js'
import { beginSpan } from '../attribution/trace.js'
import { abortError } from '../errors.js'

/**
 * Reserves a connection, or rejects as soon as one of `signals` aborts. A connection that arrives
 * after that goes straight back.
 */
export async function reserveConnection(
  sql: Sql,
  signals: readonly AbortSignal[],
): Promise<ReservedSql> {
  const span = beginSpan(signals, 'pool')
  const arriving = sql.reserve()
  let unsubscribe: (() => void)[] = []
  const abort = new Promise<never>((_resolve, reject) => {
    unsubscribe = signals.map((signal) =>
      onAbort(signal, () => {
        reject(abortError(signal, 'not-sent', { phase: 'pool' }))
        void arriving.then((late) => {
          late.release()
        })
      }),
    )
  })
  try {
    return await Promise.race([arriving, abort])
  } finally {
    span?.end()
    for (const end of unsubscribe) end()
  }
}
