import { createRequire } from 'node:module'
import { trace } from '@opentelemetry/api'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { AbortError } from '../index.js'
import { instrument } from '../pg/index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { traceAborts } from './opentelemetry.js'

const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
provider.register()
const stopInstrumentation = registerInstrumentations({
  instrumentations: [new PgInstrumentation()],
})
// A copy of its own, required after the instrumentation, so that this one is patched by both.
const pg = createRequire(import.meta.url)('pg') as typeof import('pg')
instrument(pg)

const postgres = useDatabase()
const stop = traceAborts()

beforeEach(() => {
  exporter.reset()
})
afterAll(async () => {
  stop()
  stopInstrumentation()
  await provider.shutdown()
})

const tracer = trace.getTracer('test')

/** Runs `work` in a span, and gives the spans that ended. */
async function traced(work: () => Promise<unknown>) {
  await tracer.startActiveSpan('request', async (span) => {
    await work().catch(() => undefined)
    span.end()
  })
  return exporter.getFinishedSpans()
}

describe('with OpenTelemetry', () => {
  it('an abort is an event of the span that was active at the query', async () => {
    const pool = postgres.pool()
    const controller = new AbortController()
    const spans = traced(() => pool.query({ text: slow('traced'), signal: controller.signal }))
    await postgres.untilRunning('traced')
    // Outside of the span, as a socket's close would be.
    controller.abort()
    const request = (await spans).find((each) => each.name === 'request')
    expect(request?.events).toMatchObject([
      {
        name: 'cancelled',
        attributes: {
          'error.type': 'AbortError',
          'ctx.outcome': 'cancelled',
          'ctx.phase': 'server',
          'db.response.status_code': '57014',
        },
      },
    ])
  })

  it("so is the end of a wait for the pool, with no code of PostgreSQL's", async () => {
    const pool = postgres.pool({ max: 1 })
    const client = await pool.connect()
    const controller = new AbortController()
    const spans = traced(() => pool.query({ text: 'SELECT 1', signal: controller.signal }))
    controller.abort()
    const request = (await spans).find((each) => each.name === 'request')
    client.release()
    expect(request?.events).toMatchObject([
      { name: 'cancelled', attributes: { 'ctx.outcome': 'not-sent', 'ctx.phase': 'pool' } },
    ])
    expect(request?.events[0]?.attributes).not.toHaveProperty('db.response.status_code')
  })

  it('its instrumentation of pg keeps its spans, and queries are cancelled through it', async () => {
    const client = new pg.Client({ connectionString: postgres.connectionString })
    await client.connect()
    const controller = new AbortController()
    const error = new Promise((resolve) => {
      void traced(async () => {
        await client.query('SELECT 1')
        const query = client.query({ text: slow('instrumented'), signal: controller.signal })
        await query.catch(resolve)
      })
    })
    await postgres.untilRunning('instrumented')
    controller.abort()
    expect(await error).toBeInstanceOf(AbortError)
    await postgres.untilStopped('instrumented')
    await client.end()
    const texts = exporter
      .getFinishedSpans()
      .map((each) => each.attributes['db.statement'] ?? each.attributes['db.query.text'])
    expect(texts).toEqual(expect.arrayContaining(['SELECT 1', slow('instrumented')]))
  })
})
