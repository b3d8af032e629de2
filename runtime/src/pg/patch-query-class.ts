import { assertSignal } from '../ambient.js'

type QueryClass = new (...args: unknown[]) => object

interface QueryOwner {
  Query?: unknown
}

const KEEPS_SIGNAL: unique symbol = Symbol.for('@ctx-fix/runtime.pg.query-class:1')

/**
 * Makes `new pg.Query({ text, signal })` keep its signal, which pg's own drops, so that `client.query` finds it.
 * A proxy, because others extend the class and compare with it. Doing it again does nothing.
 *
 * @param owner has the class as its `Query`: a client's class, or the module `pg`.
 */
export function patchQueryClass(owner: QueryOwner): void {
  const { Query } = owner
  if (typeof Query !== 'function' || KEEPS_SIGNAL in Query) return
  owner.Query = keepingSignal(Query as QueryClass)
}

/** @throws {TypeError} when constructed with a `signal` that is neither an AbortSignal nor nullish. */
function keepingSignal(original: QueryClass): QueryClass {
  return new Proxy(original, {
    construct(target, args, newTarget) {
      const query = Reflect.construct(target, args, newTarget) as object
      const signal = signalOf(args[0])
      if (signal === undefined) return query
      if (signal !== null) assertSignal(signal)
      return Object.defineProperty(query, 'signal', { value: signal, writable: true })
    },
    has: (target, key) => key === KEEPS_SIGNAL || Reflect.has(target, key),
  })
}

function signalOf(config: unknown): unknown {
  if (typeof config !== 'object' || config === null) return undefined
  return (config as { signal?: unknown }).signal
}
