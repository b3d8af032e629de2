import { deferred } from '../../deferred.js'
import type { PostgresQuery } from '../../postgres/query.js'
import type { ObserverClient } from '../observer.js'
import { giveGated } from '../postgres/gate-query.js'
import type { Gated, Statement } from '../statement.js'
import type { LedgerQuery } from './query.js'

/** Notes in `record` how a statement of postgres.js ends. */
export function watchEnd(query: PostgresQuery, record: LedgerQuery): void {
  // A cursor sets them anew with each row that it is asked for.
  intercept(query, 'resolve', () => {
    record.completed()
  })
  intercept(query, 'reject', (error) => {
    record.failed(error)
  })
}

/** Notes in `record` when a statement of postgres.js is sent, and shows it before. */
export function watchSending(
  query: PostgresQuery,
  record: LedgerQuery,
  beforeSend: (statement: Statement) => unknown,
): void {
  const { handler } = query
  query.handler = (given) => {
    let gated: Gated | undefined
    const client = deferred<() => ObserverClient>()
    try {
      beforeSend({
        gate: (sql) => {
          gated = { sql, connected: client.resolve }
          return undefined
        },
        connectBeside: async () => (await client.promise)(),
      })
    } catch (error) {
      given.reject(error)
      return
    }
    if (gated === undefined) handler(given)
    else giveGated(given, handler, gated)
  }
  let isActive = query.active
  Object.defineProperty(query, 'active', {
    configurable: true,
    get: () => isActive,
    set: (value: boolean) => {
      isActive = value
      if (value && record.phase !== 'sent') record.sent(query.state?.pid ?? null)
    },
  })
}

function intercept(
  query: PostgresQuery,
  name: 'resolve' | 'reject',
  hear: (value: unknown) => void,
): void {
  let settle = query[name]
  Object.defineProperty(query, name, {
    configurable: true,
    get: () => (value: unknown) => {
      hear(value)
      settle(value)
    },
    set: (given: typeof settle) => {
      settle = given
    },
  })
}
