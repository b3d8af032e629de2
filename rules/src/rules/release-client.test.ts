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
    'released by a name that was taken out of it': `
      ${pool}
      export async function run() {
        const { query, release } = await pool.connect()
        try { return await query('SELECT 1') } finally { release() }
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
    'handed to the caller, and released where that fails': `
      ${pool}
      export async function take() {
        const client = await pool.connect()
        try {
          await client.query('BEGIN')
          return client
        } catch (error) {
          client.release()
          throw error
        }
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
      suggestions: [
        {
          kind: 'enclose',
          output: `
            import { Pool } from 'pg'
            const pool = new Pool()
            export async function run() {
              const client = await pool.connect()
              try {
                return (await client.query('SELECT 1')).rows
              } finally {
                client.release()
              }
            }
          `,
        },
      ],
    },
    'what is returned has to be awaited': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect();

          // Both at once.
          const first = client.query(\`
            SELECT 1
          \`);
          return Promise.all([first, client.query('SELECT 2')]);
        }
      `,
      reasons: ['client-never-released'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            import { Pool } from 'pg'
            const pool = new Pool()
            export async function run() {
              const client = await pool.connect();

              try {
                // Both at once.
                const first = client.query(\`
                SELECT 1
              \`);
                return await Promise.all([first, client.query('SELECT 2')]);
              } finally {
                client.release();
              }
            }
          `,
        },
      ],
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
      suggestions: [
        {
          kind: 'enclose',
          output: `
            import { Pool } from 'pg'
            const pool = new Pool()
            export async function run() {
              const client = await pool.connect()
              try {
                const { rows } = await client.query('SELECT 1')
                return rows
              } finally {
                client.release()
              }
            }
          `,
        },
      ],
    },
    'what needs no client stays outside': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        declare function mail(): Promise<void>
        export async function run() {
          const client = await pool.connect()
          await client.query('SELECT 1') // The work.
          client.release()
          await mail()
        }
      `,
      reasons: ['client-released-on-one-path'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            import { Pool } from 'pg'
            const pool = new Pool()
            declare function mail(): Promise<void>
            export async function run() {
              const client = await pool.connect()
              try {
                await client.query('SELECT 1') // The work.
              } finally {
                client.release()
              }
              await mail()
            }
          `,
        },
      ],
    },
    'a transaction that has its try already': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect()
          try {
            await client.query('BEGIN')
            await client.query('COMMIT')
            client.release()
          } catch (error) {
            await client.query('ROLLBACK')
            client.release()
            throw error
          }
        }
      `,
      reasons: ['client-released-on-one-path'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            import { Pool } from 'pg'
            const pool = new Pool()
            export async function run() {
              const client = await pool.connect()
              try {
                await client.query('BEGIN')
                await client.query('COMMIT')
              } catch (error) {
                await client.query('ROLLBACK')
                throw error
              } finally {
                client.release()
              }
            }
          `,
        },
      ],
    },
    'all on one line': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() { const client = await pool.connect(); await client.query('SELECT 1') }
      `,
      reasons: ['client-never-released'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            import { Pool } from 'pg'
            const pool = new Pool()
            export async function run() { const client = await pool.connect(); try { await client.query('SELECT 1') } finally { client.release() } }
          `,
        },
      ],
    },
    'destroyed where something has gone wrong': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect()
          try {
            await client.query('SELECT 1')
            client.release()
          } catch (error) {
            client.release(true)
          }
        }
      `,
      reasons: ['client-released-on-one-path'],
    },
    'released in a condition without braces': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run(isLast: boolean) {
          const client = await pool.connect()
          await client.query('SELECT 1')
          if (isLast) client.release()
        }
      `,
      reasons: ['client-released-on-one-path'],
    },
    'a query that nobody waits for': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect()
          void client.query('SELECT 1')
          await client.query('SELECT 2')
        }
      `,
      reasons: ['client-never-released'],
    },
    'a callback that uses it later': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect()
          setTimeout(async () => { await client.query('SELECT 1') }, 1_000)
        }
      `,
      reasons: ['client-never-released'],
    },
    'a promise within what is returned': {
      code: `
        import { Pool } from 'pg'
        const pool = new Pool()
        export async function run() {
          const client = await pool.connect()
          return { rows: client.query('SELECT 1') }
        }
      `,
      reasons: ['client-never-released'],
    },
  },
  withFix: {},
})
