import type { Entity, Library, Member, Sink } from './types.js'

/** Over an adapter on `pg` the statement is cancelled by the runtime; Prisma itself takes no signal. */
const overPg: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels' }

const adapter = '@prisma/adapter-pg'
/** Of drivers that are not `pg`. */
const otherAdapters = [
  '@prisma/adapter-neon',
  '@prisma/adapter-ppg',
  '@prisma/adapter-planetscale',
  '@prisma/adapter-mariadb',
  '@prisma/adapter-mssql',
  '@prisma/adapter-libsql',
  '@prisma/adapter-better-sqlite3',
  '@prisma/adapter-d1',
] as const

const notCancelled = (why: string): Sink => ({
  carriers: [{ kind: 'none', why }],
  effect: 'runs-on',
})

const byOwnEngine = notCancelled(
  `before version 7 Prisma queries through an engine of its own, which nothing can cancel: over PostgreSQL, give PrismaClient the driver adapter \`${adapter}\` (or take Prisma 7 with it), whose statements go through \`pg\``,
)
const byOtherDriver = notCancelled(
  `the driver adapter is not \`${adapter}\`: its statements do not go through \`pg\``,
)

const delegateMethods = [
  'findUnique',
  'findUniqueOrThrow',
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'create',
  'createMany',
  'createManyAndReturn',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
  'delete',
  'deleteMany',
  'count',
  'aggregate',
  'groupBy',
  'findRaw',
  'aggregateRaw',
] as const

/** Of these what is called on the result is a relation of the record, in the same query. */
const ofOneRecord = new Set<string>([
  'findUnique',
  'findUniqueOrThrow',
  'findFirst',
  'findFirstOrThrow',
  'create',
  'update',
  'upsert',
  'delete',
])

const namespace = {
  TransactionClient: { type: 'class PrismaClient' },
  PrismaClientOptions: {},
} as const satisfies Readonly<Record<string, Member>>

function client(query: Sink) {
  const rows: Member = { sink: query, returns: 'Promise<any>' }
  const record: Member = { sink: { ...query, fluent: true }, returns: 'Promise<any>' }
  const raw: Member = { sink: { ...query, sql: 0 }, returns: 'Promise<any>' }
  return {
    PrismaClient: {
      members: {
        $queryRaw: raw,
        $queryRawUnsafe: raw,
        $queryRawTyped: rows,
        $executeRaw: raw,
        $executeRawUnsafe: raw,
        $runCommandRaw: rows,
        $transaction: {
          sink: { ...query, batch: 0, unlessCallback: true },
          transaction: true,
          callbacks: [{ arg: 0, params: ['PrismaClient'] }],
          returns: 'Promise<any>',
        },
        $extends: { returns: 'self' },
        // Of @prisma/extension-read-replicas.
        $primary: { returns: 'self' },
        $replica: { returns: 'self' },
        $connect: { returns: 'Promise<any>' },
        $disconnect: { returns: 'Promise<any>' },
        $on: { callbacks: [{ arg: 1, params: ['any'] }], returns: 'self' },
        $use: { returns: 'any' },
        client: { type: 'PrismaClient' },
      },
      properties: 'Delegate',
    },
    Delegate: {
      members: Object.fromEntries(
        delegateMethods.map((name) => [name, ofOneRecord.has(name) ? record : rows]),
      ),
    },
  } as const satisfies Readonly<Record<string, Entity>>
}

export const prisma = {
  name: 'prisma',
  kind: 'database',
  clients: ['PrismaClient'],
  setupFirst: true,
  modules: ['@prisma/client', '@prisma/client/edge', '.prisma/client', 'nestjs-prisma'],
  evidence: [
    {
      what: 'prisma.<model>.<operation>, $queryRaw and $executeRaw as tags and functions, $transaction with an array or a function',
      where: 'https://www.prisma.io/docs/orm/reference/prisma-client-reference',
      since: '5.0.0',
    },
    {
      what: 'No operation takes a signal: `findMany({ signal })` fails its validation',
      where: 'https://github.com/prisma/prisma/issues/15594',
      since: '7.0.0',
    },
    {
      what: 'Over @prisma/adapter-pg statements go through `pg`; the engine of Prisma 5 and 6 has a connection of its own',
      where: 'https://www.prisma.io/docs/orm/overview/databases/database-drivers',
      since: '5.4.0',
    },
  ],
  exports: {
    PrismaClient: 'class PrismaClient',
    Prisma: 'Namespace',
    PrismaService: 'class PrismaClient',
  },
  generated: { PrismaClient: 'class PrismaClient', Prisma: 'Namespace' },
  entities: {
    ...client(overPg),
    Namespace: {
      members: namespace,
      endings: { Delegate: 'class Delegate' },
      properties: 'Other',
    },
    Other: {},
  },
  variants: [
    {
      when: { package: '@prisma/client', without: adapter, withOneOf: otherAdapters },
      what: 'Its statements do not go through `pg`, and nothing cancels them',
      entities: client(byOtherDriver),
    },
    {
      when: { package: '@prisma/client', before: '7.0.0', without: adapter },
      what: 'It queries through an engine of its own, which nothing can cancel: the way out is the driver adapter',
      entities: client(byOwnEngine),
    },
  ],
} as const satisfies Library
