import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import { sharedState } from '../../shared-state.js'
import type { TestRun } from './test-run.js'

/** A request or a job that is being served. */
export interface EntryPoint {
  readonly kind: 'http' | 'job'
  /** `GET /books/:id` where the framework tells the route, else the path as requested. */
  readonly name: string
  /** Whether the response, or the job, has ended. */
  readonly isOver: boolean
  /** When the response was over, or its client gone, on the `performance.now()` clock; of requests only. */
  readonly closedAt?: number | undefined
  /** The port of the client's end; of requests only. */
  readonly clientPort?: number | undefined
  /** The tests that were running when it began. */
  readonly tests: readonly TestRun[]
  /** A job has a signal by what runs it; a request, once its handler has derived one. */
  readonly hasSignal: boolean
  /** Ends it from outside: its client goes away, or its queue cancels it. */
  disconnect(): void
}

interface ServerRequest {
  readonly method?: string
  readonly url?: string
  readonly socket?: { destroy(): void; readonly remotePort?: number }
  // express fills these in on the way.
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly route?: { readonly path?: unknown }
}

interface ServerResponse extends EventEmitter {
  destroy(): void
  /** So light-my-request, which injects for fastify, marks its own. */
  readonly isLightMyRequest?: boolean
}

type FastifyHook = (
  request: { readonly raw: ServerRequest; readonly routeOptions?: { readonly url?: string } },
  reply: { readonly raw: ServerResponse },
  done: () => void,
) => void

interface FastifyLike {
  addHook(name: 'onRequest', hook: FastifyHook): unknown
}

// Published before the 'request' event, so also for a handler that derives nothing from its request.
// https://nodejs.org/api/diagnostics_channel.html#http
const REQUEST_START = 'http.server.request.start'

/** Published once an application, before it has any route. https://fastify.dev/docs/latest/Reference/Hooks/#diagnostics-channel-hooks */
const FASTIFY_CREATED = 'fastify.initialization'

const SCOPES: unique symbol = Symbol.for('@ctx-fix/runtime.assert.entry-point:1')

// Copies of this module meet here, as those of the runtime do in its shared state.
const host = globalThis as { [SCOPES]?: AsyncLocalStorage<EntryPoint> | undefined }
const scopes = (host[SCOPES] ??= new AsyncLocalStorage())

/** The request or job that the running code serves. */
export function currentEntryPoint(): EntryPoint | undefined {
  return scopes.getStore()
}

/**
 * Opens a scope for every request that this process receives from now on, over a socket or by fastify's `inject`.
 *
 * @param runningTests asked when a request begins.
 * @returns what ends it.
 */
export function watchRequests(runningTests: () => readonly TestRun[]): () => void {
  const opened = (message: unknown): void => {
    const { request, response } = message as { request: ServerRequest; response: ServerResponse }
    scopes.enterWith(new HttpEntryPoint(request, response, runningTests()))
  }
  const onRequest: FastifyHook = ({ raw, routeOptions }, reply, done) => {
    const current = scopes.getStore()
    const entryPoint = current ?? new HttpEntryPoint(raw, reply.raw, runningTests())
    if (entryPoint instanceof HttpEntryPoint && entryPoint.isOf(raw)) {
      entryPoint.isRoutedTo(routeOptions?.url)
    }
    scopes.run(entryPoint, done)
  }
  const created = (message: unknown): void => {
    const { fastify } = message as { fastify: FastifyLike }
    fastify.addHook('onRequest', onRequest)
  }
  subscribe(REQUEST_START, opened)
  subscribe(FASTIFY_CREATED, created)
  return () => {
    unsubscribe(REQUEST_START, opened)
    unsubscribe(FASTIFY_CREATED, created)
  }
}

/**
 * Runs `fn` as the job `name`: its queries then need a signal or deadline as those of a request do. For workers of
 * queues and schedulers that the test calls, and for requests that no server receives, as those of
 * `app.request()`.
 *
 * @param fn is given a signal that `ctx-fix prove` aborts: hand it to what the test calls.
 */
export function asJob<T>(name: string, fn: (signal: AbortSignal) => T): Promise<Awaited<T>> {
  const controller = new AbortController()
  const run = async (): Promise<Awaited<T>> => await fn(controller.signal)
  return serveJob(name, run, () => {
    controller.abort()
  })
}

/** Runs `fn` as the job `name`, which `cancel` ends. */
export async function serveJob<T>(
  name: string,
  fn: () => Promise<T>,
  cancel: () => void,
): Promise<T> {
  const { runningTests } = (sharedState.tap ?? {}) as { runningTests?: readonly TestRun[] }
  const job = {
    kind: 'job' as const,
    name,
    isOver: false,
    tests: runningTests ?? [],
    hasSignal: true,
    disconnect: cancel,
  }
  try {
    return await scopes.run(job, fn)
  } finally {
    job.isOver = true
  }
}

class HttpEntryPoint implements EntryPoint {
  readonly kind = 'http'
  isOver = false
  closedAt: number | undefined
  readonly clientPort: number | undefined
  readonly tests: readonly TestRun[]
  readonly #request: ServerRequest
  readonly #response: ServerResponse
  #name: string | undefined

  constructor(request: ServerRequest, response: ServerResponse, tests: readonly TestRun[]) {
    this.#request = request
    this.#response = response
    this.tests = tests
    // A socket that is closed has none any more.
    this.clientPort = request.socket?.remotePort
    response.once('close', () => {
      this.isOver = true
      this.closedAt = performance.now()
    })
  }

  /** The request itself is for nobody to read: test runners print the errors that lead here, down to its headers. */
  isOf(raw: unknown): boolean {
    return this.#request === raw
  }

  get hasSignal(): boolean {
    return sharedState.requestSignals.has(this.#request)
  }

  disconnect(): void {
    // Of a request that came over no socket, nothing hears of what stands in for one.
    if (this.#response.isLightMyRequest) this.#response.destroy()
    else this.#request.socket?.destroy()
  }

  /** What a framework says that leaves nothing of it in the request. */
  isRoutedTo(path: string | undefined): void {
    if (path !== undefined) this.#name ??= `${this.#request.method ?? ''} ${path}`
  }

  /** Kept once the route is known, because express forgets its parts when it leaves a router. */
  get name(): string {
    if (this.#name !== undefined) return this.#name
    const { method = '', url = '', originalUrl = url, baseUrl = '', route } = this.#request
    const [path = ''] = originalUrl.split('?')
    if (typeof route?.path !== 'string') return `${method} ${path}`
    this.#name = `${method} ${(baseUrl + route.path).replace(/(?<=.)\/$/, '')}`
    return this.#name
  }
}
