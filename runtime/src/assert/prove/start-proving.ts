import { classifySql } from '../../pg/sql-class.js'
import type { EntryPoint } from '../ledger/entry-point.js'
import { Ledger } from '../ledger/ledger.js'
import type { LedgerQuery } from '../ledger/query.js'
import type { Statement } from '../statement.js'
import { messageOf } from '../open-observer.js'
import { STANDS_ALONE, standsAlone } from '../stands-alone.js'
import { probe, type ProbeResult } from './probe.js'
import { keyOf } from './proof-key.js'
import { ProofFolder } from './proof-line.js'

/** Long after the verdict; only a process that dies on the way, or cannot look, leaves a backend to it. */
const HANG = 'SELECT pg_catalog.pg_sleep(20)'

/**
 * What an ORM sends on each connection that it opens, within whose request it does so: settings, and a look at the
 * types of the database. It ends at once, and some (Sequelize 7) lose the connection for which it fails.
 */
const SETTINGS = /^\s*(?:SET|SHOW)\b|\bpg_(?:type|range)\b/i

/**
 * Puts each statement of a request to the test that no earlier run of `ctx-fix prove` has settled, from now
 * until the ledger stops. Gives no ledger in a process that was not started by it.
 */
export function startProving(): Ledger | undefined {
  const path = process.env['CTX_FIX_PROVE']
  if (path === undefined) return undefined
  const folder = new ProofFolder(path)
  const withinMs = Number(process.env['CTX_FIX_PROVE_WITHIN'])
  const settled = folder.settled()
  const pending = new Set<Promise<unknown>>()
  const givenUp = new WeakSet<EntryPoint>()
  let cannotLook: string | undefined
  delayExit(pending)
  const ledger = new Ledger()
  ledger.start()
  ledger.beforeSend = (record: LedgerQuery, statement: Statement) => {
    // Nobody else takes them, in a process that may run for long.
    ledger.take()
    const { entryPoint, wasServing, detachedReason, sql } = record
    if (entryPoint === undefined) return undefined
    if (classifySql(sql) !== undefined || SETTINGS.test(sql)) return undefined
    const key = keyOf(record)
    if (key === undefined) return undefined
    if (!wasServing) {
      // A retry, or what else a handler does although the client has been made to leave.
      const goesOn = givenUp.has(entryPoint) && detachedReason === undefined
      if (goesOn) folder.write(record, key, { verdict: 'ran-on' })
      return undefined
    }
    if (detachedReason !== undefined) {
      folder.write(record, key, { verdict: 'detached' })
      return undefined
    }
    folder.write(record, key, { verdict: 'seen' })
    if (settled.has(key)) return undefined
    settled.add(key)
    const why = standsAlone(sql) ? STANDS_ALONE : cannotLook
    if (why !== undefined) {
      folder.write(record, key, { verdict: 'untested', why })
      return undefined
    }
    if (entryPoint.kind === 'http') givenUp.add(entryPoint)
    const verdict = probe(record, statement, withinMs)
      .catch((error: unknown): ProbeResult => {
        // Nothing else is made to hang then: nobody would end it.
        cannotLook = `the database cannot be asked beside the application: ${messageOf(error)}`
        return { verdict: 'untested', why: cannotLook }
      })
      .then((found) => {
        folder.write(record, key, found)
      })
    pending.add(verdict)
    void verdict.then(() => pending.delete(verdict))
    return statement.gate(HANG)
  }
  return ledger
}

/** A runner may end its process as soon as a request is cut off, while the verdict is being looked for. */
function delayExit(pending: ReadonlySet<Promise<unknown>>): void {
  const exit = process.exit.bind(process)
  process.exit = ((code?: number) => {
    if (pending.size === 0) return exit(code)
    return void Promise.all(pending).then(() => exit(code))
  }) as typeof process.exit
}
