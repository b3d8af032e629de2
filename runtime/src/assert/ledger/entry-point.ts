import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import { sharedState } from '../../shared-state.js'

/** A request or a job that is being served. */
export interface EntryPoint {
  readonly kind: 'http' | 'job'
  /** `GET /books/:id` where the framework tells the route, else the path as requested. */
  readonly name: string
  /** Whether the response, or the job, has ended. */
  readonly isOver: boolean
  /** The test that was running when it began. */
  readonly test: string | undefined
  /** Node's request, for those that have one. */
  readonly request?: object
}

interface ServerRequest {
  readonly method?: string
  readonly url?: string
  // express fills these in on the way.
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly route?: { readonly path?: unknown }
}

// Published before the 'request' event, so also for a handler that derives nothing from its request.
// https://nodejs.org/api/diagnostics_channel.html#http
const REQUEST_START = 'http.server.request.start'

const SCOPES: unique symbol = Symbol.for('@ctx-fix/runtime.assert.entry-point:1')

// Copies of this module meet here, as those of the runtime do in its shared state.
const host = globalThis as { [SCOPES]?: AsyncLocalStorage<EntryPoint> | undefined }
const scopes = (host[SCOPES] ??= new AsyncLocalStorage())

/** The request or job that the running code serves. */
export function currentEntryPoint(): EntryPoint | undefined {
  return scopes.getStore()
}

/**
 * Opens a scope for every request that this process receives from now on.
 *
 * @param currentTest asked when a request begins.
 * @returns what ends it.
 */
export function watchRequests(currentTest: () => string | undefined): () => void {
  const opened = (message: unknown): void => {
    const { request, response } = message as { request: ServerRequest; response: EventEmitter }
    scopes.enterWith(new HttpEntryPoint(request, response, currentTest()))
  }
  subscribe(REQUEST_START, opened)
  return () => {
    unsubscribe(REQUEST_START, opened)
  }
}

/**
 * Runs `fn` as the job `name`: its queries then need a signal or deadline as those of a request do.
 * For workers of queues and schedulers that the test calls.
 */
export async function asJob<T>(name: string, fn: () => T): Promise<Awaited<T>> {
  const test = (sharedState.tap as { currentTest?: string } | undefined)?.currentTest
  const job = { kind: 'job' as const, name, isOver: false, test }
  try {
    return await scopes.run(job, async () => await fn())
  } finally {
    job.isOver = true
  }
}

class HttpEntryPoint implements EntryPoint {
  readonly kind = 'http'
  isOver = false
  readonly test: string | undefined
  readonly #request: ServerRequest
  #name: string | undefined

  constructor(request: ServerRequest, response: EventEmitter, test: string | undefined) {
    this.#request = request
    this.test = test
    response.once('close', () => {
      this.isOver = true
    })
  }

  /** No property of its own: test runners write the errors that lead here as JSON, and a request leads to its socket. */
  get request(): ServerRequest {
    return this.#request
  }

  /** Kept once the route is known, because express forgets its parts when it leaves a router. */
  get name(): string {
    if (this.#name !== undefined) return this.#name
    const { method = '', url = '', originalUrl = url, baseUrl = '', route } = this.request
    const [path = ''] = originalUrl.split('?')
    if (typeof route?.path !== 'string') return `${method} ${path}`
    this.#name = `${method} ${(baseUrl + route.path).replace(/(?<=.)\/$/, '')}`
    return this.#name
  }
}
