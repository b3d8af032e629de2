import { remember } from '../restore-patched.js'
import type { PgQuery } from './pg-internals.js'

/** The methods by which a client tells a statement of its progress. */
export type QueryMethods = Pick<PgQuery, 'submit' | 'handleError' | 'handleReadyForQuery'>

const GOVERNOR: unique symbol = Symbol.for('@ctx-fix/runtime.pg.governor:1')
const ORIGINALS: unique symbol = Symbol.for('@ctx-fix/runtime.pg.query-methods:1')

interface Hooked extends PgQuery {
  [GOVERNOR]?: QueryMethods | undefined
  [ORIGINALS]?: QueryMethods | undefined
}

/**
 * Puts `governor` between `query` and its client.
 *
 * pg's own class has the hooks in its prototype, because three closures for each statement cost more than all
 * that is asked of the signal. Cursors, streams, and what somebody has changed, are hooked one by one.
 *
 * @returns the methods that it stands for.
 */
export function hookQuery(query: PgQuery, governor: QueryMethods): QueryMethods {
  const hooked = query as Hooked
  const originals = hooked[ORIGINALS]
  if (originals !== undefined && isUnchanged(query)) {
    hooked[GOVERNOR] = governor
    return originals
  }
  const { submit, handleError, handleReadyForQuery } = query
  query.submit = (connection) => governor.submit(connection)
  query.handleError = (error, connection) => governor.handleError(error, connection)
  query.handleReadyForQuery = (connection) => governor.handleReadyForQuery(connection)
  return { submit, handleError, handleReadyForQuery }
}

/** Prepares pg's own class of statements, by its prototype. Doing it again does nothing. */
export function hookQueryClass(prototype: PgQuery): void {
  const hooked = prototype as Hooked
  if (hooked[ORIGINALS] !== undefined) return
  const { submit, handleError, handleReadyForQuery } = prototype
  const originals = { submit, handleError, handleReadyForQuery }
  remember(prototype)
  Object.defineProperty(hooked, ORIGINALS, { value: originals, configurable: true })
  Object.assign(prototype, hooks)
}

const hooks: QueryMethods & ThisType<Hooked> = {
  submit(connection) {
    const governor = this[GOVERNOR]
    return governor === undefined
      ? originalsOf(this).submit.call(this, connection)
      : governor.submit(connection)
  },
  handleError(error, connection) {
    const governor = this[GOVERNOR]
    return governor === undefined
      ? originalsOf(this).handleError.call(this, error, connection)
      : governor.handleError(error, connection)
  },
  handleReadyForQuery(connection) {
    const governor = this[GOVERNOR]
    return governor === undefined
      ? originalsOf(this).handleReadyForQuery.call(this, connection)
      : governor.handleReadyForQuery(connection)
  },
}

function isUnchanged(query: PgQuery): boolean {
  return (
    query.submit === hooks.submit &&
    query.handleError === hooks.handleError &&
    query.handleReadyForQuery === hooks.handleReadyForQuery
  )
}

function originalsOf(query: Hooked): QueryMethods {
  return query[ORIGINALS] as QueryMethods
}
