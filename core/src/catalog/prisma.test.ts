import { expect, test } from 'vitest'
import { analysisOf, judgementOn } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

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
