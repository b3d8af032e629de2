import { describe, expect, test } from 'vitest'
import { sinkStatus } from '../graph/analysis.js'
import { analysisOf, judgementOn } from '../testing/program.js'
import { fixed } from '../testing/edit.js'
import { sinkLines } from '../testing/sinks.js'
import { createCatalog, libraries } from './index.js'
import { readProject } from './project.js'

const programs = {
  'a client by its constructor': `
    import { PrismaClient, Prisma } from '@prisma/client'
    const prisma = new PrismaClient({ log: [] })
    export async function run(ids: string[]) {
      await prisma.user.findMany() // @sink prisma
      await prisma.anyModelAtAll.upsert({}) // @sink prisma
      await prisma.$queryRaw\`SELECT 1\` // @sink prisma
      await prisma.$queryRawUnsafe('SELECT 1') // @sink prisma
      await prisma.$executeRaw(Prisma.sql\`SELECT 1\`) // @sink prisma
      await Promise.all(ids.map((id) => prisma.user.delete({ where: { id } }))) // @sink prisma
      const extended = prisma.$extends({})
      return extended.post.count() // @sink prisma
    }`,
  'a service of its own that extends the client': {
    'src/prisma.service.ts': `
      import { PrismaClient } from '@prisma/client'
      export class PrismaService extends PrismaClient {
        private readonly names = new Map<string, string>()
        async connect() { await this.$connect() }
        async tags() { return this.tag.findMany() } // @sink prisma
        name(id: string) { return this.names.get(id) }
      }`,
    'src/app.ts': `
      import { PrismaService } from './prisma.service.js'
      export class Users {
        constructor(private readonly prisma: PrismaService) {}
        all() { return this.prisma.user.findMany() } // @sink prisma
        name() { return this.prisma.name('1') }
      }`,
  },
  'clients from elsewhere': `
    import { PrismaClient } from '../generated/prisma/client.js'
    import { PrismaService } from 'nestjs-prisma'
    const prisma = new PrismaClient({ adapter: {} })
    export class Users {
      constructor(private prisma: PrismaService) {}
      all() { return this.prisma.user.findFirst() } // @sink prisma
    }
    const shared = globalThis as unknown as { prisma: PrismaClient | undefined }
    export const db = shared.prisma ?? new PrismaClient()
    export const all = async () => [await prisma.a.count(), await db.b.count()] // @sink prisma prisma`,
  'a model by a name that is computed': `
    import { PrismaClient } from '@prisma/client'
    class Service extends PrismaClient {}
    const prisma = new PrismaClient()
    const service = new Service()
    export async function all(model: 'user' | 'post') {
      await (prisma[model] as any).findMany() // @sink prisma
      await service[model].findMany() // @sink prisma
    }`,
  transactions: `
    import { PrismaClient, type Prisma } from '@prisma/client'
    const prisma = new PrismaClient()
    export async function move(helper: Prisma.TransactionClient) {
      await prisma.$transaction(async (tx) => {
        await tx.user.update({}) // @sink prisma
      })
      await prisma.$transaction([ // @sink prisma
        prisma.user.update({}), // @sink prisma
      ])
      await helper.user.create({}) // @sink prisma
    }`,
  'replicas, delegates, and callbacks in an object of options': {
    'src/types.ts': `
      import type * as All from '@prisma/client'
      export type { All }`,
    'src/app.ts': `
      import { PrismaClient, type Prisma } from '@prisma/client'
      import type { All } from './types.js'
      const prisma = new PrismaClient().$extends(readReplicas({ url: '' }))
      export class Repository {
        constructor(private readonly users: Prisma.UserDelegate, private readonly posts: PrismaClient['post']) {}
        all = () => [this.users.findMany(), this.posts.count()] // @sink prisma prisma
      }
      async function limited({ create }: { create: (tx: Prisma.TransactionClient) => Promise<void> }) {
        await prisma.$transaction(async (tx) => create(tx))
      }
      export async function run(client: All.PrismaClient) {
        await prisma.$replica().user.findMany() // @sink prisma
        await client.user.findMany() // @sink prisma
        await limited({ create: async (tx) => { await tx.user.create({}) } }) // @sink prisma
      }`,
  },
  'a file of its own beside the generated client': {
    'packages/prisma/src/types.ts': `
      import type * as Prisma from '@prisma/client'
      export type { Prisma }`,
    'packages/prisma/src/users.ts': `
      import type { Prisma } from './types.js'
      export const all = (client: Prisma.PrismaClient) => client.user.findMany() // @sink prisma`,
  },
  'look-alikes': `
    import { ApolloClient } from '@apollo/client'
    const client = new ApolloClient()
    const users = new Map<string, string>()
    class Repo { user = { findMany: () => [] as string[] } }
    export async function run(prisma: { user: { findMany(): string[] } }) {
      await client.query({})
      users.get('a')
      users.delete('a')
      new Repo().user.findMany()
      prisma.user.findMany()
      ;[1, 2].find((each) => each > 1)
    }`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})

test.each([
  ['of one relation', `prisma.user.findUnique({ where: { id } }).posts()`],
  ['of several', `prisma.user.findUnique({ where: { id } }).posts().author({})`],
])('a fluent call %s is one query', (_, query) => {
  const program = (body: string) =>
    `import { PrismaClient } from '@prisma/client'
    const prisma = new PrismaClient()
    export async function posts(id: string, signal: AbortSignal) {
      return ${body}
    }`
  expect(fixed(program(query))).toBe(program(`withSignal(signal, () => ${query})`))
})

test('calls in a batch are done where the batch is', () => {
  const analysis = analysisOf(`
    import { PrismaClient } from '@prisma/client'
    const prisma = new PrismaClient()
    export async function move(signal: AbortSignal) {
      await prisma.$transaction([prisma.user.update({})])
    }`)
  expect(judgementOn(analysis, 'prisma.$transaction').verdict).toBe('lost')
  expect(judgementOn(analysis, 'prisma.user.update').verdict).toBe('part')
})

describe('what carries the statements', () => {
  const manifest = (dependencies: Readonly<Record<string, string>>) => ({
    '/app/package.json': { dependencies },
  })

  test.each([
    ['nothing known', {}, 'missing', undefined],
    [
      'an engine of its own',
      manifest({ '@prisma/client': '^6.19.0' }),
      'unsupported',
      /give PrismaClient the driver adapter `@prisma\/adapter-pg`/,
    ],
    [
      'pg, in a version that has an engine too',
      manifest({ '@prisma/client': '^6.19.0', '@prisma/adapter-pg': '^6.19.0' }),
      'missing',
      undefined,
    ],
    [
      'the installed version counts',
      {
        ...manifest({ '@prisma/client': '*' }),
        '/app/node_modules/@prisma/client/package.json': { version: '5.22.0' },
      },
      'unsupported',
      /before version 7/,
    ],
    [
      'pg, by the adapter that another package of the workspace has',
      {
        '/app/package.json': { dependencies: { '@prisma/client': '^7.1.0' } },
        '/package.json': { dependencies: { '@prisma/adapter-pg': '^7.1.0' } },
      },
      'missing',
      undefined,
    ],
    [
      'another driver',
      manifest({ '@prisma/client': '^7.1.0', '@prisma/adapter-mariadb': '^7.1.0' }),
      'unsupported',
      /do not go through `pg`/,
    ],
  ])('%s', (_, files: Readonly<Record<string, object>>, status, why) => {
    const project = readProject('/app', libraries, (path) =>
      path in files ? JSON.stringify(files[path]) : undefined,
    )
    const analysis = analysisOf(
      `
      import { PrismaClient } from '@prisma/client'
      const prisma = new PrismaClient()
      export const all = (signal: AbortSignal) => prisma.user.findMany()`,
      { catalog: createCatalog([], project) },
    )
    const judgement = judgementOn(analysis, 'prisma.user.findMany')
    expect(sinkStatus(judgement)).toBe(status)
    const [carrier] = judgement.node.sink?.spec.carriers ?? []
    if (why) expect(carrier?.kind === 'none' ? carrier.why : '').toMatch(why)
  })
})
