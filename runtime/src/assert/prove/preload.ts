import '../../pg/index.js'
import { classifySql } from '../../pg/sql-class.js'
import { Ledger } from '../ledger/ledger.js'
import type { LedgerQuery } from '../ledger/query.js'
import type { Statement } from '../statement.js'
import { probe } from './probe.js'
import { keyOf, ProofFolder } from './proof-line.js'

// Loaded by `ctx-fix prove` into every process of the user's test command.

/** Long after the verdict; only a process that dies on the way leaves a backend to it. */
const HANG = 'SELECT pg_catalog.pg_sleep(20)'

const path = process.env['CTX_FIX_PROVE']
if (path !== undefined) start(new ProofFolder(path), Number(process.env['CTX_FIX_PROVE_WITHIN']))

function start(folder: ProofFolder, withinMs: number): void {
  // The sources of what is compiled: proofs are joined with a report on those.
  process.setSourceMapsEnabled(true)
  const settled = folder.settled()
  const ledger = new Ledger()
  ledger.start()
  ledger.beforeSend = (record: LedgerQuery, statement: Statement) => {
    // Nobody else takes them, in a process that may run for long.
    ledger.take()
    const { entryPoint, wasServing, detachedReason, sql } = record
    if (entryPoint?.request === undefined || !wasServing) return undefined
    if (classifySql(sql) !== undefined) return undefined
    if (detachedReason !== undefined) {
      folder.write(record, 'detached')
      return undefined
    }
    const key = keyOf(record)
    folder.write(record, 'seen')
    if (key === undefined || settled.has(key)) return undefined
    settled.add(key)
    void probe(record, statement, withinMs).then(
      ({ verdict, stoppedAfterMs }) => {
        folder.write(record, verdict, stoppedAfterMs)
      },
      (error: unknown) => {
        process.stderr.write(
          `ctx-fix prove: ${key} could not be put to the test: ${String(error)}\n`,
        )
      },
    )
    return statement.gate(HANG)
  }
}
