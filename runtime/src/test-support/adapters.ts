import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { deferred } from '../deferred.js'
import { slow, useDatabase } from './database.js'
import { send, statusOf } from './http.js'

/** What a handler does with its signal; the response's body is what it returns. */
export type Work = (signal: AbortSignal | undefined) => Promise<unknown>

/** Starts a server whose every request is answered by `work`, and tells its port. */
export type Start = (work: Work) => Promise<number>

const bodies = {
  GET: undefined,
  'POST with JSON': JSON.stringify({ small: true }),
  'POST with a large body': JSON.stringify({ large: 'x'.repeat(2_000_000) }),
}

/**
 * What holds for each adapter, over a real server, client and database: going away cancels the
 * statement, staying never does.
 */
export function describeAdapters(starts: Readonly<Record<string, Start>>): void {
  const postgres = useDatabase()
  describe.each(Object.entries(starts))('%s', (_, start) => {
    describe.each(Object.entries(bodies))('%s', (_, body) => {
      it('cancels the statement when the client goes away', async () => {
        const pool = postgres.pool()
        const settled = deferred<unknown>()
        const port = await start((signal) => {
          const query = pool.query({ text: slow('left'), signal })
          settled.resolve(query.catch((error: unknown) => error))
          return query
        })
        const request = send(port, body)
        await postgres.untilRunning('left')
        request.destroy()
        expect(await settled.promise).toMatchObject({
          outcome: 'cancelled',
          cause: { message: 'the client closed the connection' },
        })
        await postgres.untilStopped('left')
      })

      it('leaves a client that stays alone, during and after the response', async () => {
        const pool = postgres.pool()
        const signals: (AbortSignal | undefined)[] = []
        const port = await start((signal) => {
          signals.push(signal)
          return pool.query({ text: 'SELECT pg_sleep(0.15)', signal })
        })
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        for (let repetition = 0; repetition < 2; repetition++) {
          expect(await statusOf(send(port, body, agent))).toBe(200)
        }
        agent.destroy()
        await sleep(50)
        expect(signals.map((signal) => signal?.aborted)).toEqual([false, false])
        expect(signals[0]).not.toBe(signals[1])
      })
    })
  })
}
