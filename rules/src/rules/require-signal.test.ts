import { testRule } from '../testing/rule-tester.js'
import { requireSignal } from './require-signal.js'

testRule('require-signal', requireSignal, {
  silent: {
    'a signal in the config object': `
      import { Pool } from 'pg'
      const pool = new Pool()
      export const load = (signal: AbortSignal) => pool.query({ text: 'SELECT 1', signal })
    `,
    'options of another origin, which may hold one': `
      export const load = (url: string, init: RequestInit, signal: AbortSignal) => fetch(url, init)
    `,
    'a Map': `
      const users = new Map<string, string>()
      export const find = (id: string, signal: AbortSignal) => users.get(id)
    `,
    'another class called Pool': `
      class Pool { query(text: string) { return text } }
      const pool = new Pool()
      export const load = (signal: AbortSignal) => pool.query('SELECT 1')
    `,
    'a client of another library with the same method': `
      import { ApolloClient } from '@apollo/client'
      declare const client: ApolloClient
      export const load = (query: string, signal: AbortSignal) => client.query({ query })
    `,
    'what ends a transaction or gives back a client': `
      import { Pool } from 'pg'
      const pool = new Pool()
      export async function save(signal: AbortSignal) {
        const client = await pool.connect({ signal })
        try {
          await client.query('BEGIN;')
          await client.query({ text: 'UPDATE a SET b = 1', signal })
          await client.query(\`
            COMMIT\`)
        } catch (error) {
          await client.query('/* undo */ ROLLBACK')
          throw error
        } finally {
          client.release()
        }
      }
    `,
    'code that runs when the module is loaded': `
      import { Pool } from 'pg'
      const pool = new Pool()
      await pool.query('SELECT 1')
    `,
    'marked as detached, with a reason': `
      import { Pool } from 'pg'
      const pool = new Pool()
      export async function log(text: string, signal: AbortSignal) {
        signal.throwIfAborted()
        // ctx:detached -- the audit trail is written whatever becomes of the request
        await pool.query('INSERT INTO audit VALUES ($1)', [text])
      }
    `,
    'bound by withSignal': `
      import { withSignal } from '@ctx-fix/runtime'
      import { Pool } from 'pg'
      const pool = new Pool()
      export const load = (signal: AbortSignal) => withSignal(signal, () => pool.query('SELECT 1'))
    `,
    'set free by detached()': `
      import { detached } from '@ctx-fix/runtime'
      import { Pool } from 'pg'
      const pool = new Pool()
      export const load = (signal: AbortSignal) => detached('audit', () => pool.query('SELECT 1'))
    `,
    'an explicit undefined': `
      export const load = (signal: AbortSignal) => fetch('https://a.example', { signal: undefined })
    `,
    'a cursor that was submitted with a signal is read': `
      import { withSignal } from '@ctx-fix/runtime'
      import { Pool } from 'pg'
      import Cursor from 'pg-cursor'
      const pool = new Pool()
      export async function load(signal: AbortSignal) {
        const client = await pool.connect({ signal })
        const cursor = await withSignal(signal, () => client.query(new Cursor('SELECT 1')))
        return cursor.read(10)
      }
    `,
    'a Fastify hook that serves no request': `
      import Fastify from 'fastify'
      const app = Fastify()
      app.addHook('onClose', async (instance) => { instance.log.info('closed') })
    `,
  },
  withoutFix: {
    'no signal in scope: a parameter is suggested': {
      code: `
        import { Pool } from 'pg'
        import '@ctx-fix/runtime/pg'
        const pool = new Pool()
        export async function load(id: string) {
          return pool.query('SELECT $1', [id])
        }
      `,
      reasons: ['sink-without-signal-no-source'],
      suggestions: [
        {
          kind: 'take',
          output: `
            import { Pool } from 'pg'
            import '@ctx-fix/runtime/pg'
            const pool = new Pool()
            export async function load(id: string, signal?: AbortSignal) {
              return pool.query({ text: 'SELECT $1', values: [id], signal })
            }
          `,
        },
      ],
    },
    'two signals equally good: both are suggested': {
      code: `
        export const load = (request: AbortSignal, shutdown: AbortSignal) => fetch('https://a.example')
      `,
      reasons: ['sink-without-signal'],
      suggestions: [
        {
          kind: 'pass',
          output: `
            export const load = (request: AbortSignal, shutdown: AbortSignal) => fetch('https://a.example', { signal: request })
          `,
        },
        {
          kind: 'pass',
          output: `
            export const load = (request: AbortSignal, shutdown: AbortSignal) => fetch('https://a.example', { signal: shutdown })
          `,
        },
      ],
    },
    'a cursor': {
      code: `
        import { Pool } from 'pg'
        import Cursor from 'pg-cursor'
        const pool = new Pool()
        export async function load(signal: AbortSignal) {
          const client = await pool.connect({ signal })
          const cursor = client.query(new Cursor('SELECT 1'))
          return cursor.read(10)
        }
      `,
      reasons: ['sink-without-signal'],
    },
    'a query stream': {
      code: `
        import { Pool } from 'pg'
        import QueryStream from 'pg-query-stream'
        const pool = new Pool()
        export async function load(signal: AbortSignal) {
          const client = await pool.connect({ signal })
          for await (const row of client.query(new QueryStream('SELECT 1'))) console.log(row)
        }
      `,
      reasons: ['sink-without-signal'],
    },
    'nobody waits: a person decides': {
      code: `
        import { Pool } from 'pg'
        import '@ctx-fix/runtime/pg'
        const pool = new Pool()
        export async function visit(id: string, signal: AbortSignal) {
          signal.throwIfAborted()
          void pool.query({ text: 'UPDATE a SET seen = now() WHERE id = $1', values: [id] })
        }
      `,
      reasons: ['unawaited-work-unmarked'],
      suggestions: [
        {
          kind: 'pass',
          output: `
            import { Pool } from 'pg'
            import '@ctx-fix/runtime/pg'
            const pool = new Pool()
            export async function visit(id: string, signal: AbortSignal) {
              signal.throwIfAborted()
              void pool.query({ text: 'UPDATE a SET seen = now() WHERE id = $1', values: [id], signal })
            }
          `,
        },
      ],
    },
  },
  withFix: {
    'options that the signal has been taken out of': {
      code: `
        export const load = (url: string, { signal, ...rest }: RequestInit = {}) => fetch(url, rest)
      `,
      reasons: ['sink-without-signal'],
      output: `
        export const load = (url: string, { signal, ...rest }: RequestInit = {}) => fetch(url, { ...rest, signal })
      `,
    },
    'a comment behind the last import': {
      code: `
        import { Pool } from 'pg' // over the proxy
        const pool = new Pool()
        export const load = (signal: AbortSignal) => pool.query('SELECT 1')
      `,
      reasons: ['sink-without-signal'],
      output: `
        import { Pool } from 'pg' // over the proxy
        import '@ctx-fix/runtime/pg'
        const pool = new Pool()
        export const load = (signal: AbortSignal) => pool.query({ text: 'SELECT 1', signal })
      `,
    },
    'code behind the last import': {
      code: `
        import { Pool } from 'pg'; const pool = new Pool();
        export const load = (signal: AbortSignal) => pool.query('SELECT 1');
      `,
      reasons: ['sink-without-signal'],
      output: `
        import { Pool } from 'pg';
        import '@ctx-fix/runtime/pg';
         const pool = new Pool();
        export const load = (signal: AbortSignal) => pool.query({ text: 'SELECT 1', signal });
      `,
    },
    'text and values': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export const load = (id: string, signal: AbortSignal) => pool.query('SELECT $1', [id])
      `,
      reasons: ['sink-without-signal'],
      output: `
        import { Pool } from 'pg'
        import '@ctx-fix/runtime/pg'
        const pool = new Pool()
        export const load = (id: string, signal: AbortSignal) => pool.query({ text: 'SELECT $1', values: [id], signal })
      `,
    },
    callbacks: {
      code: `
        import { Pool } from 'pg'
        import '@ctx-fix/runtime/pg'
        const pool = new Pool()
        export function load(signal: AbortSignal, done: (rows: unknown[]) => void) {
          pool.query('SELECT 1', (_error, result) => done(result.rows))
        }
      `,
      reasons: ['sink-without-signal'],
      output: `
        import { Pool } from 'pg'
        import '@ctx-fix/runtime/pg'
        const pool = new Pool()
        export function load(signal: AbortSignal, done: (rows: unknown[]) => void) {
          pool.query({ text: 'SELECT 1', signal }, (_error, result) => done(result.rows))
        }
      `,
    },
    'a pool that is injected, and may be anything that looks like one': {
      code: `
        import type { Pool } from 'pg'
        export class Users {
          constructor(private readonly pool: Pool) {}
          find(id: string, signal: AbortSignal) {
            return this.pool.query('SELECT $1', [id])
          }
        }
      `,
      reasons: ['sink-without-signal'],
      output: `
        import type { Pool } from 'pg'
        import { withSignal } from '@ctx-fix/runtime'
        export class Users {
          constructor(private readonly pool: Pool) {}
          find(id: string, signal: AbortSignal) {
            return withSignal(signal, () => this.pool.query('SELECT $1', [id]))
          }
        }
      `,
    },
    'the request of an Express handler': {
      code: `
        import express from 'express'
        const app = express()
        app.get('/users', async (req, res) => {
          res.json(await fetch('https://a.example'))
        })
      `,
      reasons: ['sink-without-signal-in-handler'],
      output: `
        import express from 'express'
        import { requestSignal } from '@ctx-fix/runtime/express'
        const app = express()
        app.get('/users', async (req, res) => {
          const signal = requestSignal(req)
          res.json(await fetch('https://a.example', { signal }))
        })
      `,
    },
    'the request of a Fastify route, by shorthand and in a plugin': {
      code: `
        import type { FastifyPluginAsync } from 'fastify'
        const routes: FastifyPluginAsync = async (app) => {
          app.get('/users', async () => fetch('https://a.example'))
        }
        export default routes
      `,
      reasons: ['sink-without-signal-in-handler'],
      output: `
        import type { FastifyPluginAsync } from 'fastify'
        import { requestSignal } from '@ctx-fix/runtime/fastify'
        const routes: FastifyPluginAsync = async (app) => {
          app.get('/users', async (request) => fetch('https://a.example', { signal: requestSignal(request) }))
        }
        export default routes
      `,
    },
    'the request of a Fastify route()': {
      code: `
        import Fastify from 'fastify'
        const app = Fastify()
        app.route({ method: 'GET', url: '/users', handler: async (request) => fetch('https://a.example') })
      `,
      reasons: ['sink-without-signal-in-handler'],
      output: `
        import Fastify from 'fastify'
        import { requestSignal } from '@ctx-fix/runtime/fastify'
        const app = Fastify()
        app.route({ method: 'GET', url: '/users', handler: async (request) => fetch('https://a.example', { signal: requestSignal(request) }) })
      `,
    },
    'the request of a Fastify hook': {
      code: `
        import Fastify from 'fastify'
        const app = Fastify()
        app.addHook('preHandler', async (request) => { await fetch('https://b.example') })
      `,
      reasons: ['sink-without-signal-in-handler'],
      output: `
        import Fastify from 'fastify'
        import { requestSignal } from '@ctx-fix/runtime/fastify'
        const app = Fastify()
        app.addHook('preHandler', async (request) => { const signal = requestSignal(request); await fetch('https://b.example', { signal }) })
      `,
    },
    'a pool of another file': {
      code: `
        import { pool } from './repository.js'
        export const load = (signal: AbortSignal) => pool.query('SELECT 1')
      `,
      reasons: ['sink-without-signal'],
      output: `
        import { pool } from './repository.js'
        export const load = (signal: AbortSignal) => pool.query({ text: 'SELECT 1', signal })
      `,
    },
  },
})

testRule('require-signal, noSignalInScope off', requireSignal, {
  options: [{ noSignalInScope: 'off' }],
  silent: {
    'no signal in scope': `
      import { Pool } from 'pg'
      const pool = new Pool()
      export const load = (id: string) => pool.query('SELECT $1', [id])
    `,
  },
  withoutFix: {},
  withFix: {},
})
