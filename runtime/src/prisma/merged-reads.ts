import { onAbort } from '../abort-listeners.js'
import { deferred } from '../deferred.js'
import { abortError } from '../errors.js'
import { linkSignal } from '../linked-signal.js'
import { sharedState, type AmbientContext } from '../shared-state.js'

/**
 * The part of Prisma's client that sends requests, which is not public: the same from version 5 to 7. Requests
 * of one tick wait in it together; reads of one record that differ only in their key become one statement. All
 * of them would run inside what surrounded the first.
 * https://github.com/prisma/prisma/blob/main/packages/client/src/runtime/DataLoader.ts
 */
export interface DataLoader {
  request: (request: object) => Promise<unknown>
  readonly options: {
    singleLoader: (request: object) => Promise<unknown>
    batchLoader: (requests: readonly object[]) => Promise<unknown>
  }
  [SEPARATED]?: true
}

/** Who asked for one of the requests that wait. */
interface Caller {
  readonly context: AmbientContext | undefined
  readonly leave: (error: Error) => void
}

const SEPARATED: unique symbol = Symbol.for('@ctx-fix/runtime.prisma.separated:1')

/**
 * Gives each request the signal of its own caller. A statement into which requests of several callers were
 * merged is cancelled when the last of them has left; those that leave before hear of it at once. Doing it again
 * does nothing.
 */
export function separateCallers(loader: DataLoader): void {
  if (loader[SEPARATED]) return
  Object.defineProperty(loader, SEPARATED, { value: true })
  const { options } = loader
  const callers = new WeakMap<object, Caller>()
  const original = {
    request: loader.request.bind(loader),
    single: options.singleLoader.bind(options),
    batch: options.batchLoader.bind(options),
  }
  loader.request = (request) => {
    const left = deferred<unknown>()
    const leave = (error: Error): void => {
      left.resolve(Promise.reject(error))
    }
    callers.set(request, { context: sharedState.ambient.getStore(), leave })
    return Promise.race([original.request(request), left.promise])
  }
  options.singleLoader = (request) =>
    sharedState.ambient.run(callers.get(request)?.context, original.single, request)
  options.batchLoader = (requests) => {
    const known = requests.flatMap((request) => callers.get(request) ?? [])
    return runForAll(known, () => original.batch(requests))
  }
}

async function runForAll<T>(callers: readonly Caller[], run: () => Promise<T>): Promise<T> {
  const signals = callers.map(({ context }) => context?.signal ?? undefined)
  if (new Set(signals).size <= 1) return await sharedState.ambient.run(callers[0]?.context, run)
  const shared = linkSignal([], Infinity)
  let staying = callers.length
  const depart = (caller: Caller, signal: AbortSignal, isSent: boolean): void => {
    staying -= 1
    // The last one gets what became of the statement.
    if (staying === 0) shared.abort(signal.reason)
    else {
      const outcome = isSent ? 'unknown' : 'not-sent'
      const consequence = 'the statement goes on for others with whose it was merged'
      caller.leave(abortError(signal, outcome, { phase: 'server', consequence }))
    }
  }
  const forget = callers.map((caller, index) => {
    const signal = signals[index]
    if (signal === undefined) return undefined
    if (signal.aborted) depart(caller, signal, false)
    return onAbort(signal, () => {
      depart(caller, signal, true)
    })
  })
  const deadlines = signals.map((each) => (each && sharedState.deadlines.get(each)) ?? Infinity)
  const last = Math.max(...deadlines)
  if (last < Infinity) sharedState.deadlines.set(shared.signal, last)
  try {
    return await sharedState.ambient.run({ signal: shared.signal }, run)
  } finally {
    for (const end of forget) end?.()
    shared.dispose()
  }
}

export function isDataLoader(value: unknown): value is DataLoader {
  const { request, options } = (value ?? {}) as Partial<DataLoader>
  return (
    typeof request === 'function' &&
    typeof options?.singleLoader === 'function' &&
    typeof options.batchLoader === 'function'
  )
}
