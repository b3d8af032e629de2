import { testRule } from '../testing/rule-tester.js'
import { noIneffectiveCancel } from './no-ineffective-cancel.js'

const pool = `import { Pool } from 'pg'
        const pool = new Pool()`

const kysely = `
        import type { Kysely } from 'kysely'
        export const list = (db: Kysely<{ users: { id: string } }>, signal: AbortSignal) =>`

testRule('no-ineffective-cancel', noIneffectiveCancel, {
  silent: {
    'a strategy that ends the statement': `${kysely}
          db.selectFrom('users').execute({ signal, inflightQueryAbortStrategy: 'kill session' })
    `,
    'a timeout that cancels': `
      import knex from 'knex'
      const db = knex({ client: 'pg' })
      export const list = () => db('users').timeout(500, { cancel: true })
    `,
  },
  withoutFix: {
    'a race with a promise that rejects': {
      code: `
        ${pool}
        export const list = async (signal?: AbortSignal) => {
          const { rows } = await Promise.race([
            pool.query('SELECT 1'),
            new Promise<never>((_, reject) => setTimeout(() => reject(new Error('late')), 1_000)),
          ])
          return rows
        }
      `,
      reasons: ['timeout-only-rejects'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import { Pool } from 'pg'
            import { deriveSignal } from '@ctx-fix/runtime'
            import '@ctx-fix/runtime/pg'
            const pool = new Pool()
            export const list = async (signal?: AbortSignal) => {
              const { rows } = await pool.query({ text: 'SELECT 1', signal: deriveSignal(signal, { timeoutMs: 1_000 }) })
              return rows
            }
          `,
        },
      ],
    },
    'a race with a timer that is made before': {
      code: `
        ${pool}
        declare const LIMIT: number
        const find = async (id: string) => (await pool.query('SELECT 1', [id])).rows
        export async function list() {
          const timeout = new Promise<never>((_, reject) => { setTimeout(reject, LIMIT) })
          return Promise.race([find('a').then((rows) => rows[0]), timeout])
        }
      `,
      reasons: ['timeout-only-rejects'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import { Pool } from 'pg'
            import { deriveSignal, withSignal } from '@ctx-fix/runtime'
            import '@ctx-fix/runtime/pg'
            const pool = new Pool()
            declare const LIMIT: number
            const find = async (id: string) => (await pool.query('SELECT 1', [id])).rows
            export async function list() {
              return withSignal(deriveSignal(undefined, { timeoutMs: LIMIT }), () => find('a')).then((rows) => rows[0])
            }
          `,
        },
      ],
    },
    'a race with a function that throws after a time': {
      code: `
        ${pool}
        declare function sleep(ms: number): Promise<void>
        async function throwAfter(ms: number): Promise<never> {
          await sleep(ms)
          throw new Error('late')
        }
        export const list = (signal: AbortSignal) =>
          Promise.race([throwAfter(2 * 500), pool.query('SELECT 1')])
      `,
      reasons: ['timeout-only-rejects'],
      suggestions: [
        {
          kind: 'replace',
          output: `
            import { Pool } from 'pg'
            import { deriveSignal } from '@ctx-fix/runtime'
            import '@ctx-fix/runtime/pg'
            const pool = new Pool()
            declare function sleep(ms: number): Promise<void>
            async function throwAfter(ms: number): Promise<never> {
              await sleep(ms)
              throw new Error('late')
            }
            export const list = (signal: AbortSignal) =>
              pool.query({ text: 'SELECT 1', signal: deriveSignal(signal, { timeoutMs: 2 * 500 }) })
          `,
        },
      ],
    },
    'a race with a timer that gives a value': {
      code: `
        ${pool}
        declare function sleep<T>(ms: number, value: T): Promise<T>
        export const list = () => Promise.race([pool.query('SELECT 1'), sleep(500, undefined)])
      `,
      reasons: ['timeout-only-rejects'],
    },
    'a race of three': {
      code: `
        ${pool}
        declare function sleep(ms: number): Promise<never>
        export const list = () =>
          Promise.race([
            pool.query('SELECT 1'),
            pool.query('SELECT 2'),
            new Promise<never>((_, reject) => setTimeout(reject, 500)),
          ])
      `,
      reasons: ['timeout-only-rejects'],
    },
    'a signal that only rejects': {
      code: `${kysely}
          db.selectFrom('users').execute({ signal })
      `,
      reasons: ['signal-without-strategy'],
      suggestions: [
        {
          kind: 'add',
          output: `${kysely}
          db.selectFrom('users').execute({ signal, inflightQueryAbortStrategy: 'cancel query' })
          `,
        },
      ],
    },
    'a timeout that only rejects': {
      code: `
        import knex from 'knex'
        const db = knex({ client: 'pg' })
        export const list = () => db('users').timeout(500)
      `,
      reasons: ['timeout-without-cancel'],
    },
  },
  withFix: {},
})
