import type { PostgresHandler, PostgresQuery } from '../../postgres/query.js'
import type { Gated } from '../statement.js'
import { connectLike, optionsProbe } from './copies.js'

interface Connection {
  execute: (query: PostgresQuery) => unknown
}

/**
 * Gives the statement `gate` to a connection by `handler`, and `query` to the same one when the gate opens. A
 * gate that fails fails `query`. Nobody else gets at the connection between the two.
 */
export function giveGated(
  query: PostgresQuery,
  handler: PostgresHandler,
  { sql, connected }: Gated,
): void {
  let connection: Connection | undefined
  const text = query.strings.join('?').replace(/\*\/|\/\*/g, '')
  const strings = Object.assign([`${sql} /* ${text} */`, ''], { raw: [] })
  const probe = optionsProbe(query, (options) => {
    connected(() => connectLike(query, options))
  })
  const gate = new query.constructor(strings, [probe], handler, query.canceller, {
    simple: true,
    prepare: false,
    // Answers nothing, whereupon postgres.js takes the connection for full.
    onexecute: (given: Connection) => {
      connection = given
    },
  })
  gate.executed = true
  // Called while the connection deals with the gate's end, so that `query` is the next in line.
  gate.resolve = () => {
    standIn(gate, undefined)
    connection?.execute(query)
  }
  gate.reject = (error) => {
    standIn(gate, undefined)
    query.reject(error)
  }
  standIn(gate, query)
  handler(gate)
}

/** While the gate runs, whoever cancels `query` means the gate. */
function standIn(gate: PostgresQuery, query: PostgresQuery | undefined): void {
  for (const key of ['state', 'active', 'cancelled'] as const) {
    let value: unknown = gate[key]
    Object.defineProperty(gate, key, {
      configurable: true,
      get: () => (query === undefined ? value : query[key]),
      set: (given: unknown) => {
        value = given
        if (query !== undefined) Object.assign(query, { [key]: given })
      },
    })
  }
}
