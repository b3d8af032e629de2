import { testRule } from '../testing/rule-tester.js'
import { noIneffectiveCancel } from './no-ineffective-cancel.js'

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
