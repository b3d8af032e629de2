import { testRule } from '../testing/rule-tester.js'
import { releaseClient } from './release-client.js'

const pool = `import { Pool } from 'pg'\n      const pool = new Pool()`

testRule('release-client', releaseClient, {
  silent: {
    'released in finally': `
      ${pool}
      export async function run() {
        const client = await pool.connect()
        try { return await client.query('SELECT 1') } finally { client.release() }
      }
    `,
    'handed to the caller': `
      ${pool}
      export async function take() {
        const client = await pool.connect()
        await client.query('SELECT 1')
        return client
      }
    `,
    'handed to a function that may release it': `
      ${pool}
      declare function use(client: unknown): Promise<void>
      export async function run() {
        const client = await pool.connect()
        await use(client)
      }
    `,
    'released by a callback': `
      ${pool}
      export async function run(onEnd: (done: () => void) => void) {
        const client = await pool.connect()
        onEnd(() => client.release())
      }
    `,
    'a client that is not of a pool': `
      import { Client } from 'pg'
      export async function run() {
        const client = new Client()
        await client.connect()
        return client.query('SELECT 1')
      }
    `,
  },
  withoutFix: {
    'released nowhere': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect()
          return (await client.query('SELECT 1')).rows
        }
      `,
      reasons: ['client-never-released'],
    },
    'released only where nothing throws': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect()
          const { rows } = await client.query('SELECT 1')
          client.release()
          return rows
        }
      `,
      reasons: ['client-released-on-one-path'],
    },
  },
  withFix: {},
})
