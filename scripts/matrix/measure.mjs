import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase } from '@ctx-fix/fixtures'
import pg from 'pg'
import { send } from '../http-client.mjs'
import { startServer } from '../processes.mjs'
import { schema } from './applications.mjs'
import { observe } from './backends.mjs'

/** What is not cancelled within this time runs on. A cancel takes some ten milliseconds. */
const RUNS_ON_MS = 3_000
/** How long a request may take that nothing holds up. */
const ANSWER_MS = 30_000
/** A request reaches the pool within this time, where nothing in the database shows that it did. */
const TO_POOL_MS = 400

/** Creates a database with the shop in it. */
export async function createShop(server) {
  const database = await createDatabase(server)
  const client = new pg.Client({ connectionString: database.connectionString })
  await client.connect()
  await client.query(schema)
  await client.end()
  return database
}

/**
 * Starts a server of a built application and lets clients leave it, and others stay.
 *
 * @returns {Promise<{ method: 'GET' | 'POST', pool: 'free' | 'full', client: 'leaves' | 'stays',
 *   verdict: string, ms?: number, reused?: boolean, why?: string }[]>}
 */
export async function measure(application, framework, folder, server) {
  const free = await onServer(10, withFreePool)
  const full = await onServer(1, withFullPool)
  return [...free, ...full]

  async function onServer(poolMax, round) {
    const database = await createShop(server)
    const backends = await observe(database, server)
    const { connectionString } = database
    const app = await startServer(application.servers[framework], {
      cwd: folder,
      env: {
        ...process.env,
        DATABASE_URL: connectionString,
        POOL_MAX: String(poolMax),
        PORT: '0',
        NODE_ENV: 'production',
      },
    })
    const request = (kind) => send({ port: app.port, ...application[kind] })
    try {
      await expectRight(request('get'), application.get)
      await expectRight(request('post'), application.post)
      return await round({ application, backends, request })
    } catch (error) {
      throw new Error(`${error.message}\n${app.output().slice(-4_000)}`, { cause: error })
    } finally {
      await app.stop(1_000)
      await backends.close()
      await database.drop()
    }
  }
}

/** Four clients at a time, each waiting in a statement of its own. Two of them leave. */
async function withFreePool({ application, backends, request }) {
  const before = await backends.countOrders()
  await backends.lock()
  const known = []
  const enter = async (kind) => {
    const sent = request(kind)
    const backend = await backends.findWaiting(known, ANSWER_MS)
    if (backend === undefined) throw new Error(`${kind}: no statement came to wait`)
    known.push(backend)
    return { ...sent, backend }
  }
  const leaving = [await enter('get'), await enter('post')]
  const staying = [await enter('get'), await enter('post')]

  for (const { leave } of leaving) leave()
  const ended = await Promise.all(
    leaving.map(({ backend }) => backends.untilEnded(backend, RUNS_ON_MS)),
  )
  await backends.unlock()

  const stayed = await Promise.all([
    findFault(staying[0], application.get),
    findFault(staying[1], application.post),
  ])
  await backends.untilIdle(ANSWER_MS)
  const written = (await backends.countOrders()) - before - (stayed[1] === undefined ? 1 : 0)
  await expectRight(request('get'), application.get)

  const left = async (method, at) => {
    const ms = ended[at]
    if (ms === undefined) return { method, client: 'leaves', verdict: 'ran on' }
    if (method === 'POST' && written > 0) {
      return { method, client: 'leaves', verdict: 'ran on', why: 'its transaction was committed' }
    }
    const reused = await backends.isThere(leaving[at].backend)
    return { method, client: 'leaves', verdict: 'cancelled', ms, reused }
  }
  return [
    await left('GET', 0),
    await left('POST', 1),
    hasStayed('GET', stayed[0]),
    hasStayed('POST', stayed[1]),
  ].map((cell) => ({ ...cell, pool: 'free' }))
}

/** One client has the only connection; of the two that wait for it, the first leaves. */
async function withFullPool({ application, backends, request }) {
  const before = await backends.countOrders()
  await backends.lock()
  const holding = request('get')
  const holder = await backends.findWaiting([], ANSWER_MS)
  if (holder === undefined) throw new Error('the holder: no statement came to wait')
  const leaving = request('post')
  await sleep(TO_POOL_MS)
  const staying = request('post')
  await sleep(TO_POOL_MS)
  if (await backends.findWaiting([holder], 1)) throw new Error('the pool is not full')

  leaving.leave()
  await sleep(TO_POOL_MS)
  await backends.unlock()
  const held = await findFault(holding, application.get)
  const stayed = await findFault(staying, application.post)
  await backends.untilIdle(ANSWER_MS)
  await expectRight(request('get'), application.get)
  const written = (await backends.countOrders()) - before - (stayed === undefined ? 1 : 0)
  const reused = await backends.isThere(holder)
  return [
    written === 0
      ? { method: 'POST', client: 'leaves', verdict: 'cancelled', reused }
      : { method: 'POST', client: 'leaves', verdict: 'ran on' },
    hasStayed('GET', held),
    hasStayed('POST', stayed),
  ].map((cell) => ({ ...cell, pool: 'full' }))
}

function hasStayed(method, fault) {
  const cell = { method, client: 'stays', verdict: fault === undefined ? 'answered' : 'failed' }
  return fault === undefined ? cell : { ...cell, why: fault }
}

async function expectRight(sent, request) {
  const fault = await findFault(sent, request)
  if (fault !== undefined) throw new Error(fault)
}

/** What is wrong with the answer, in words. */
async function findFault(sent, { method, path, contains = '' }) {
  const answer = await answerOf(sent)
  if (answer === undefined) return `${method} ${path}: no answer within ${ANSWER_MS} ms`
  const { status, text } = answer
  // GraphQL tells of errors in an answer like any other.
  const isRight =
    status >= 200 && status <= 299 && text.includes(contains) && !/"errors":\s*\[/.test(text)
  return isRight ? undefined : `${method} ${path}: ${status} ${text.slice(0, 500)}`
}

async function answerOf({ answer, leave }) {
  const patience = new AbortController()
  const late = sleep(ANSWER_MS, undefined, { signal: patience.signal }).catch(() => undefined)
  const first = await Promise.race([answer, late])
  patience.abort()
  if (first === undefined) leave()
  return first
}
