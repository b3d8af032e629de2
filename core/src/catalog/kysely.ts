import type { Carrier, Entity, Library, Member, Sink } from './types.js'

/** Kysely's own signal leaves the statement running unless it is told to cancel it. */
const strategy = { inflightQueryAbortStrategy: 'cancel query' } as const

const option = (arg: number): Carrier => ({
  kind: 'option',
  arg,
  key: 'signal',
  also: strategy,
  native: true,
})

/** Of what is written the first is taken, and each is recognised. */
type Carriers = (arg: number) => readonly Carrier[]

const native: Carriers = (arg) => [option(arg), { kind: 'wrap' }]
/** Two that cancel the same statement would be one too many. */
const byRuntime: Carriers = (arg) => [{ kind: 'wrap' }, option(arg)]
const ambientOnly: Carriers = () => [{ kind: 'wrap' }]

const sinkBy = (carriers: Carriers, arg: number): Sink => ({
  carriers: carriers(arg),
  effect: 'cancels',
})

/** Inside a transaction its 'cancel query' does not reach the server: only the runtime does. */
const inside: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels' }

function terminals(sink: Sink): Record<string, Member> {
  const run: Member = { sink, returns: 'Promise<any>' }
  return {
    execute: run,
    executeTakeFirst: run,
    executeTakeFirstOrThrow: run,
    explain: { sink: inside, returns: 'Promise<any>' },
    stream: { sink: { ...inside, streams: true }, returns: 'any' },
  }
}

const values = { compile: {}, as: {}, toOperationNode: {}, $castTo: { returns: 'self' } } as const

const builder = (sink: Sink): Entity => ({
  members: { ...terminals(sink), ...values },
  others: 'self',
})

const database = (prefix: string, direct: Sink): Readonly<Record<string, Member>> => ({
  transaction: { returns: 'TransactionBuilder' },
  startTransaction: { returns: 'ControlledBuilder' },
  connection: { returns: 'ConnectionBuilder' },
  schema: { type: prefix === 'Kysely' ? 'KyselyBuilder' : 'TransactionBuilderOf' },
  introspection: { type: 'Introspection' },
  executeQuery: { sink: direct, returns: 'Promise<any>' },
  withSchema: { returns: 'self' },
  withPlugin: { returns: 'self' },
  withoutPlugins: { returns: 'self' },
  withTables: { returns: 'self' },
  $extendTables: { returns: 'self' },
  $pickTables: { returns: 'self' },
  $omitTables: { returns: 'self' },
  destroy: { returns: 'Promise<any>' },
  fn: {},
  case: {},
  dynamic: {},
  getExecutor: {},
  isTransaction: {},
})

/** What can be run outside of a transaction. */
const outside = (carriers: Carriers) =>
  ({
    Kysely: { members: database('Kysely', sinkBy(carriers, 1)), others: 'KyselyBuilder' },
    KyselyBuilder: builder(sinkBy(carriers, 0)),
    RawBuilder: {
      members: { execute: { sink: sinkBy(carriers, 1), returns: 'Promise<any>' }, ...values },
      others: 'self',
    },
  }) as const satisfies Readonly<Record<string, Entity>>

const callbackOf = (entity: string): Member => ({
  transaction: true,
  callbacks: [{ arg: 0, params: [entity] }],
  returns: 'Promise<any>',
})

export const kysely = {
  name: 'kysely',
  kind: 'database',
  clients: ['Kysely'],
  modules: ['kysely', 'nestjs-kysely', 'kysely-ctl'],
  evidence: [
    {
      what: 'Builders run at execute, executeTakeFirst, executeTakeFirstOrThrow, stream and explain; sql`…`.execute(db)',
      where: 'https://kysely-org.github.io/kysely-apidoc/classes/SelectQueryBuilder.html',
      since: '0.26.0',
    },
    {
      what: "`{ signal }` rejects; only with `inflightQueryAbortStrategy: 'cancel query'` is the statement cancelled, and not inside `transaction().execute`",
      where: 'https://github.com/kysely-org/kysely/releases/tag/v0.29.0',
      since: '0.29.0',
    },
    {
      what: '`stream({ signal })` rejects, and leaves its statement running with every strategy: only a signal around the iteration ends it',
      where: 'https://github.com/kysely-org/kysely/releases/tag/v0.29.0',
      since: '0.29.0',
    },
  ],
  exports: {
    Kysely: 'class Kysely',
    Transaction: 'class Transaction',
    ControlledTransaction: 'class Controlled',
    QueryCreator: 'class Kysely',
    SelectQueryBuilder: 'class KyselyBuilder',
    InsertQueryBuilder: 'class KyselyBuilder',
    UpdateQueryBuilder: 'class KyselyBuilder',
    DeleteQueryBuilder: 'class KyselyBuilder',
    RawBuilder: 'class RawBuilder',
    sql: 'Sql',
  },
  entities: {
    ...outside(native),
    Transaction: { members: database('Transaction', inside), others: 'TransactionBuilderOf' },
    Controlled: {
      extends: 'Transaction',
      members: {
        commit: { returns: 'Command' },
        rollback: { returns: 'Command' },
        savepoint: { returns: 'Command' },
        rollbackToSavepoint: { returns: 'Command' },
        releaseSavepoint: { returns: 'Command' },
      },
    },
    Command: { members: { execute: { returns: 'Promise<Controlled>' } } },
    TransactionBuilderOf: builder(inside),
    TransactionBuilder: {
      members: { execute: callbackOf('Transaction') },
      others: 'self',
    },
    ControlledBuilder: {
      members: { execute: { returns: 'Promise<Controlled>' } },
      others: 'self',
    },
    ConnectionBuilder: { members: { execute: callbackOf('Kysely') }, others: 'self' },
    Introspection: {
      members: {
        getTables: { sink: inside, returns: 'Promise<any>' },
        getSchemas: { sink: inside, returns: 'Promise<any>' },
      },
    },
    Sql: { tag: { returns: 'RawBuilder' }, others: 'RawBuilder' },
  },
  variants: [
    {
      when: { runtime: true },
      what: 'The runtime cancels, also inside transactions, so its own option is not written',
      entities: outside(byRuntime),
    },
    {
      when: { package: 'kysely', before: '0.29.0' },
      what: 'Takes no signal',
      entities: outside(ambientOnly),
    },
  ],
} as const satisfies Library
