import type { PgClient, PgConnection, PgQuery } from '../pg/pg-internals.js'

/** What pg calls on a query for each message; a cursor has the same. */
interface GatedQuery extends PgQuery {
  text?: string
  name?: string | undefined
  requiresPreparation?: () => boolean
  handleRowDescription: (...args: unknown[]) => unknown
  handleDataRow: (...args: unknown[]) => unknown
  handleCommandComplete: (...args: unknown[]) => unknown
}

interface GateConnection extends PgConnection {
  parse(query: { text: string }): void
  bind(portal: object): void
  execute(portal: object): void
  readonly submittedNamedStatements?: Record<string, string>
}

/**
 * Sends the statement `gate` ahead of `statement`, and keeps its answer from it.
 *
 * @returns what is to be called when `statement` has been sent.
 */
export function sendGate(statement: PgQuery, client: PgClient, gate: string): () => void {
  const query = statement as GatedQuery
  const { name, text } = query
  const handlers = takeHandlers(query, () => {
    query.name = name
  })
  const { handleError } = query
  query.handleError = (error, failed) => {
    if (handlers.restore() && name !== undefined) {
      // pg forgets a prepared statement that failed by the name, which was hidden from it.
      delete (failed as GateConnection).submittedNamedStatements?.[name]
    }
    return handleError.call(query, error, failed)
  }
  if (query.requiresPreparation?.() === false) {
    query.text = `${gate}; ${text ?? ''}`
    return () => {
      query.text = text ?? ''
    }
  }
  // Without Sync between them, both belong to one transaction, and an error skips the second.
  const connection = client.connection as GateConnection
  connection.parse({ text: `${gate} /* ${(text ?? '').replace(/\*\/|\/\*/g, '')} */` })
  connection.bind({})
  connection.execute({})
  return () => {
    // At ParseComplete, which the gate has too, pg would note the statement of this name as parsed.
    if (name !== undefined) query.name = undefined
  }
}

/** Until the gate's CommandComplete, the query hears nothing. */
function takeHandlers(query: GatedQuery, opened: () => void): { restore: () => boolean } {
  const { handleRowDescription, handleDataRow, handleCommandComplete } = query
  let isTaken = true
  const restore = (): boolean => {
    if (!isTaken) return false
    isTaken = false
    Object.assign(query, { handleRowDescription, handleDataRow, handleCommandComplete })
    opened()
    return true
  }
  query.handleRowDescription = () => undefined
  query.handleDataRow = () => undefined
  query.handleCommandComplete = restore
  return { restore }
}
