import type { Library, Member, Sink } from './types.js'

/** Over an adapter on `pg` the statement is cancelled by the runtime; Prisma itself takes no signal. */
const query: Sink = { carriers: [{ kind: 'wrap' }], effect: 'cancels' }

const rows: Member = { sink: query, returns: 'Promise<any>' }
const raw: Member = { sink: { ...query, sql: 0 }, returns: 'Promise<any>' }

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

const namespace = {
  TransactionClient: { type: 'class PrismaClient' },
  PrismaClientOptions: {},
} as const satisfies Readonly<Record<string, Member>>

export const prisma = {
  name: 'prisma',
  kind: 'database',
  clients: ['PrismaClient'],
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
        $connect: { returns: 'Promise<any>' },
        $disconnect: { returns: 'Promise<any>' },
        $on: { callbacks: [{ arg: 1, params: ['any'] }], returns: 'self' },
        $use: { returns: 'any' },
        client: { type: 'PrismaClient' },
      },
      properties: 'Delegate',
    },
    Delegate: { members: Object.fromEntries(delegateMethods.map((name) => [name, rows])) },
    Namespace: { members: namespace, properties: 'Other' },
    Other: {},
  },
} as const satisfies Library
