import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  status,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { getEventListeners } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Ledger } from '../assert/ledger/ledger.js'
import { deferred } from '../deferred.js'
import { currentSignal, deriveSignal, remainingMs, withSignal } from '../index.js'
import { slow, useDatabase } from '../test-support/database.js'
import { callOptions, cancelWith, requestSignal, withRequestSignal } from './grpc.js'

const postgres = useDatabase()

const serialize = (value: unknown) => Buffer.from(JSON.stringify(value))
const deserialize = (bytes: Buffer): unknown => JSON.parse(bytes.toString())
const method = (path: string, responseStream: boolean) => ({
  path,
  requestStream: false,
  responseStream,
  requestSerialize: serialize,
  requestDeserialize: deserialize,
  responseSerialize: serialize,
  responseDeserialize: deserialize,
})
const books = {
  get: method('/Books/Get', false),
  list: method('/Books/List', true),
} as const satisfies ServiceDefinition

type Call = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>
type Work = (call: Call) => Promise<unknown>

/** Both kinds of answers: one message, or a stream of them. */
const implementation = (work: Work) =>
  ({
    get: (call, callback) => {
      work(call).then(
        () => {
          callback(null, {})
        },
        (error: unknown) => {
          callback(error as Error)
        },
      )
    },
    list: (call) => {
      void work(call).then(
        () => {
          call.write({})
          call.end()
        },
        () => {
          call.end()
        },
      )
    },
  }) satisfies {
    get: (
      call: ServerUnaryCall<unknown, unknown>,
      callback: (error: Error | null, value?: unknown) => void,
    ) => void
    list: (call: ServerWritableStream<unknown, unknown>) => void
  }

/** Serves the implementation, and gives a client of it. */
async function serve(service: UntypedServiceImplementation) {
  const server = new Server()
  server.addService(books, service)
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error)
      else resolve(bound)
    })
  })
  const Client = makeGenericClientConstructor(books, 'Books')
  const client = new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure())
  onTestFinished(() => {
    client.close()
    server.forceShutdown()
  })
  return client
}

type TestClient = Awaited<ReturnType<typeof serve>>

/** Calls a method, and tells the code of the status that it ends with. */
function call(client: TestClient, name: keyof typeof books, options: object = {}) {
  const ended = deferred<number>()
  const start = client[name]?.bind(client) as (...args: unknown[]) => {
    cancel(): void
    resume?(): void
    on(event: string, listener: (error: { code: number }) => void): void
  }
  const isStream = books[name].responseStream
  const running = isStream
    ? start({}, options)
    : start({}, options, (error: { code: number } | null) => {
        ended.resolve(error?.code ?? status.OK)
      })
  if (isStream) {
    running.on('error', ({ code }) => {
      ended.resolve(code)
    })
    running.on('status', ({ code }) => {
      ended.resolve(code)
    })
    running.resume?.()
  }
  return {
    cancel: () => {
      running.cancel()
    },
    code: ended.promise,
  }
}

type Wrap = (work: Work) => UntypedServiceImplementation

const ways: Record<
  string,
  readonly [wrap: Wrap, signalOf: (call: Call) => AbortSignal | undefined]
> = {
  requestSignal: [implementation, (call) => requestSignal(call)],
  'what surrounds the service': [
    (work) => withRequestSignal(implementation(work)),
    () => currentSignal(),
  ],
  'what surrounds a handler': [
    (work) => {
      const { get, list } = implementation(work)
      return { get: withRequestSignal(get), list: withRequestSignal(list) }
    },
    () => currentSignal(),
  ],
}
const cases = Object.keys(ways).flatMap((way) =>
  (['get', 'list'] as const).map((name) => [way, name] as const),
)

describe.each(cases)('a gRPC handler with %s: %s', (way, name) => {
  const [wrap, signalOf] = ways[way] ?? [implementation, () => undefined]

  /** Its statement runs for half a minute; the error that ends it. */
  async function begin() {
    const failed = deferred<unknown>()
    const client = await serve(
      wrap((call) => {
        const query = postgres.pool().query({ text: slow('rpc'), signal: signalOf(call) })
        failed.resolve(query.catch((error: unknown) => error))
        return query
      }),
    )
    return { client, failed: failed.promise }
  }

  it('is cancelled when the client cancels', async () => {
    const { client, failed } = await begin()
    const running = call(client, name)
    await postgres.untilRunning('rpc')
    running.cancel()
    expect(await failed).toMatchObject({
      outcome: 'cancelled',
      cause: { message: 'the client closed the connection' },
    })
    expect(await running.code).toBe(status.CANCELLED)
    await postgres.untilStopped('rpc')
  })

  it('is cancelled at the deadline of the client', async () => {
    const { client, failed } = await begin()
    const running = call(client, name, { deadline: Date.now() + 300 })
    expect(await failed).toMatchObject({ name: 'TimeoutError', outcome: 'cancelled' })
    expect(await running.code).toBe(status.DEADLINE_EXCEEDED)
    await postgres.untilStopped('rpc')
  })

  it('is left alone when it ends well, after the end too', async () => {
    const seen: (AbortSignal | undefined)[] = []
    const client = await serve(
      wrap(async (call) => {
        seen.push(signalOf(call))
        await postgres.pool().query({ text: 'SELECT pg_sleep(0.05)', signal: seen[0] })
      }),
    )
    expect(await call(client, name).code).toBe(status.OK)
    await sleep(50)
    expect(seen.map((signal) => signal?.aborted)).toEqual([false])
  })
})

it('has the deadline of the client, or ours where that is earlier', async () => {
  const left: number[] = []
  const client = await serve(
    implementation(async (call) => {
      left.push(
        remainingMs(requestSignal(call)),
        remainingMs(requestSignal(call, { timeoutMs: 900 })),
      )
      await Promise.resolve()
    }),
  )
  for (const deadline of [10_000, 60_000])
    await call(client, 'get', { deadline: Date.now() + deadline }).code
  await call(client, 'get').code
  expect(left.map((ms) => Math.ceil(ms / 1_000))).toEqual([10, 1, 30, 1, 30, 1])
})

it('keeps the instance of a class as `this` of its methods', async () => {
  class Books {
    #title = 'kept'
    get(_: unknown, callback: (error: null, value: unknown) => void) {
      callback(null, this.#title)
    }
    list() {
      return undefined
    }
  }
  const client = await serve(
    withRequestSignal(new Books()) as unknown as UntypedServiceImplementation,
  )
  const title = await new Promise((resolve) => {
    const get = client['get']?.bind(client) as (...args: unknown[]) => void
    get({}, (_: unknown, value: unknown) => {
      resolve(value)
    })
  })
  expect(title).toBe('kept')
})

it('shows the test ledger which call a query serves', async () => {
  const ledger = new Ledger()
  ledger.start()
  onTestFinished(() => {
    ledger.stop()
  })
  const pool = postgres.pool()
  const client = await serve(withRequestSignal(implementation(() => pool.query('SELECT 1'))))
  await call(client, 'get').code
  const [query] = ledger.take()
  expect(query?.entryPointName).toBe('gRPC /Books/Get')
  await sleep(20)
  expect(query?.entryPoint?.isOver).toBe(true)
})

describe('a client', () => {
  /** Calls a method whose statement runs for half a minute. */
  async function begin(start: (get: (options: object) => object) => unknown) {
    const client = await serve(
      implementation((call) =>
        postgres.pool().query({ text: slow('called'), signal: requestSignal(call) }),
      ),
    )
    const code = deferred<number | undefined>()
    start((options) => {
      const get = client['get']?.bind(client) as (...args: unknown[]) => object
      return get({}, options, (error: { code: number } | null) => {
        code.resolve(error?.code)
      })
    })
    await postgres.untilRunning('called')
    return code.promise
  }

  it('cancels its call with a signal, and the server its statement', async () => {
    const controller = new AbortController()
    const code = await Promise.all([
      begin((get) => cancelWith(controller.signal, get({}))),
      sleep(200).then(() => {
        controller.abort()
      }),
    ])
    expect(code[0]).toBe(status.CANCELLED)
    await postgres.untilStopped('called')
  })

  it('cancels it with what surrounds it', async () => {
    const controller = new AbortController()
    const code = begin((get) => withSignal(controller.signal, () => cancelWith(undefined, get({}))))
    await postgres.untilRunning('called')
    controller.abort()
    expect(await code).toBe(status.CANCELLED)
    await postgres.untilStopped('called')
  })

  it('hands on the deadline of a signal', async () => {
    const signal = deriveSignal(null, { timeoutMs: 300 })
    expect(await begin((get) => get(callOptions(signal)))).toBe(status.DEADLINE_EXCEEDED)
    await postgres.untilStopped('called')
    expect(callOptions(new AbortController().signal)).toEqual({})
  })

  it('leaves the signal alone after the end', async () => {
    const controller = new AbortController()
    const client = await serve(implementation(() => Promise.resolve()))
    const get = client['get']?.bind(client) as (...args: unknown[]) => object
    await new Promise((resolve) => {
      cancelWith(controller.signal, get({}, {}, resolve))
    })
    await sleep(20)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })
})

it('knows what is no call', () => {
  expect(() => requestSignal({})).toThrow(TypeError)
  expect(() => cancelWith(undefined, {})).toThrow(TypeError)
})
