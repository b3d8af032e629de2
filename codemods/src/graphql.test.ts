import { expect, it } from 'vitest'
import { fixed, fixedFiles } from './testing/fixed.js'
import { lines } from './testing/sample-project.js'

const USERS = lines(
  `import { Pool } from 'pg'`,
  ``,
  `const pool = new Pool()`,
  ``,
  `export const Query = {`,
  `  all: async () => (await pool.query('SELECT 1')).rows,`,
  `  one: async (_parent: unknown, { id }: { id: string }, context: { req: object }) => {`,
  `    return (await pool.query('SELECT $1', [id])).rows[0]`,
  `  },`,
  `  count(_parent: unknown, _args: unknown, { db }: { db: Pool }) {`,
  `    return db.query('SELECT 2')`,
  `  },`,
  `}`,
)

const APP = lines(
  `import { ApolloServer } from '@apollo/server'`,
  `import { startStandaloneServer } from '@apollo/server/standalone'`,
  `import * as resolvers from './users.js'`,
  ``,
  `const server = new ApolloServer<{ req: object }>({ typeDefs: 'type Query { all: String }', resolvers: { ...resolvers } as never })`,
  `await startStandaloneServer(server, { context: async ({ req }) => ({ req }) })`,
)

it('derives the signal of a resolver from its context, and without one where it takes none', async () => {
  const { 'src/users.ts': users } = await fixedFiles(
    { 'src/users.ts': USERS, 'src/app.ts': APP },
    'explicit',
  )
  expect(users).toBe(
    lines(
      `import { Pool } from 'pg'`,
      `import { requestSignal } from '@ctx-fix/runtime/graphql'`,
      `import { withSignal } from '@ctx-fix/runtime'`,
      `import '@ctx-fix/runtime/pg'`,
      ``,
      `const pool = new Pool()`,
      ``,
      `export const Query = {`,
      `  all: async () => (await pool.query({ text: 'SELECT 1', signal: requestSignal() })).rows,`,
      `  one: async (_parent: unknown, { id }: { id: string }, context: { req: object }) => {`,
      `    const signal = requestSignal(context)`,
      `    return (await pool.query({ text: 'SELECT $1', values: [id], signal })).rows[0]`,
      `  },`,
      `  count(_parent: unknown, _args: unknown, { db }: { db: Pool }) {`,
      `    const signal = requestSignal()`,
      `    return withSignal(signal, () => db.query('SELECT 2'))`,
      `  },`,
      `}`,
    ),
  )
})

it('surrounds the map where the server is given it', async () => {
  const { 'src/users.ts': users, 'src/app.ts': app } = await fixedFiles(
    { 'src/users.ts': USERS, 'src/app.ts': APP },
    'ambient',
  )
  expect(users).toBe(USERS.replace(`'pg'\n`, `'pg'\nimport '@ctx-fix/runtime/pg'\n`))
  expect(app).toContain('resolvers: withRequestSignal({ ...resolvers } as never) })')
})

it('surrounds a map that the options name shortly', async () => {
  const yoga = lines(
    `import { createSchema } from 'graphql-yoga'`,
    `import { Pool } from 'pg'`,
    ``,
    `const pool = new Pool()`,
    `const resolvers = { Query: { a: async () => (await pool.query('SELECT 1')).rows[0] } }`,
    `export const schema = createSchema({ typeDefs: 'type Query { a: String }', resolvers })`,
  )
  const after = await fixed(yoga, 'ambient')
  expect(after).toContain(`import { withRequestSignal } from '@ctx-fix/runtime/graphql'`)
  expect(after).toContain(`resolvers: withRequestSignal(resolvers) })`)
})

it('puts the signal around the application that the server is mounted in', async () => {
  const mounted = lines(
    `import { ApolloServer } from '@apollo/server'`,
    `import { expressMiddleware } from '@as-integrations/express5'`,
    `import express from 'express'`,
    `import { Pool } from 'pg'`,
    ``,
    `const pool = new Pool()`,
    `const resolvers = { Query: { a: async () => (await pool.query('SELECT 1')).rows[0] } }`,
    `const server = new ApolloServer({ typeDefs: 'type Query { a: String }', resolvers })`,
    `const app = express()`,
    `app.use(expressMiddleware(server))`,
  )
  const after = await fixed(mounted, 'ambient')
  expect(after).toContain('const app = express()\napp.use(ctxSignal())\n')
  expect(after).not.toContain('withRequestSignal')
})
