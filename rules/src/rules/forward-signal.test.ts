import { testRule } from '../testing/rule-tester.js'
import { forwardSignal } from './forward-signal.js'

const load = `async function load(id: string, signal?: AbortSignal) { signal?.throwIfAborted(); return id }`

testRule('forward-signal', forwardSignal, {
  silent: {
    'a constructor, where no signal is at hand': `
      class Loader { constructor(readonly id: string, readonly signal?: AbortSignal) {} }
      export const loaderOf = (id: string) => new Loader(id)
    `,
    'it is passed': `
      ${load}
      export const handle = (id: string, signal: AbortSignal) => load(id, signal)
    `,
    'another signal is passed, which is a decision': `
      ${load}
      export const handle = (id: string, other: AbortSignal, signal: AbortSignal) => load(id, other)
    `,
    'an explicit undefined': `
      ${load}
      export const handle = (id: string, signal: AbortSignal) => load(id, undefined)
    `,
    'arguments of unknown number': `
      ${load}
      export const handle = (args: [string], rest: unknown[], signal: AbortSignal) => load(...(rest as [string]))
    `,
    'a parameter that its author will not use': `
      ${load}
      export const handle = (id: string, _signal: AbortSignal) => load(id)
    `,
    'a function that calls itself with what it was given': `
      export async function walk(id: string, signal?: AbortSignal): Promise<string> {
        return id === '' ? id : walk(id)
      }
    `,
    'no signal in scope': `
      ${load}
      export const handle = (id: string) => load(id)
    `,
    'a helper that does no I/O': `
      const name = (id: string) => id.toUpperCase()
      export const handle = (id: string, signal: AbortSignal) => name(id)
    `,
    'a callee with two parameters for signals': `
      async function both(id: string, a?: AbortSignal, b?: AbortSignal) { a?.throwIfAborted(); b?.throwIfAborted(); return id }
      export const handle = (id: string, signal: AbortSignal) => both(id)
    `,
    'marked on the declaration of the callee': `
      // ctx:detached -- a cache that all requests share
      async function warm(id: string, signal?: AbortSignal) { signal?.throwIfAborted(); return id }
      export const handle = (id: string, signal: AbortSignal) => warm(id)
    `,
  },
  withoutFix: {
    'two signals equally good: both are suggested': {
      code: `
        ${load}
        export const handle = (id: string, a: AbortSignal, b: AbortSignal) => load(id)
      `,
      reasons: ['callee-accepts-signal'],
      suggestions: [
        {
          kind: 'pass',
          output: `
            ${load}
            export const handle = (id: string, a: AbortSignal, b: AbortSignal) => load(id, a)
          `,
        },
        {
          kind: 'pass',
          output: `
            ${load}
            export const handle = (id: string, a: AbortSignal, b: AbortSignal) => load(id, b)
          `,
        },
      ],
    },
    'a callee that takes none, and does I/O below': {
      code: `
        import { findUser } from './repository.js'
        export const handle = (id: string, signal: AbortSignal) => findUser(id)
      `,
      reasons: ['callee-drops-signal'],
    },
    'the signal of the object where a nearer one is at hand': {
      code: `
        ${load}
        export class Job {
          constructor(private readonly signal: AbortSignal) {}
          run(id: string, signal: AbortSignal) { return load(id, this.signal) }
        }
      `,
      reasons: ['outer-signal-shadowed'],
      suggestions: [
        {
          kind: 'pass',
          output: `
            ${load}
            export class Job {
              constructor(private readonly signal: AbortSignal) {}
              run(id: string, signal: AbortSignal) { return load(id, signal) }
            }
          `,
        },
      ],
    },
  },
  withFix: {
    'an optional parameter': {
      code: `
        ${load}
        export const handle = (id: string, signal: AbortSignal) => load(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const handle = (id: string, signal: AbortSignal) => load(id, signal)
      `,
    },
    'another overload': {
      code: `
        declare function find(id: string): Promise<string>
        declare function find(id: string, signal: AbortSignal): Promise<string>
        export const handle = (id: string, signal: AbortSignal) => find(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        declare function find(id: string): Promise<string>
        declare function find(id: string, signal: AbortSignal): Promise<string>
        export const handle = (id: string, signal: AbortSignal) => find(id, signal)
      `,
    },
    'an options bag of another file': {
      code: `
        import { findOrders } from './repository.js'
        export const handle = (id: string, signal: AbortSignal) => findOrders(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        import { findOrders } from './repository.js'
        export const handle = (id: string, signal: AbortSignal) => findOrders(id, { signal })
      `,
    },
    'an options bag that is there': {
      code: `
        declare function list(options: { limit: number; signal?: AbortSignal }): Promise<string[]>
        export const handle = (signal: AbortSignal) => list({ limit: 5 })
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        declare function list(options: { limit: number; signal?: AbortSignal }): Promise<string[]>
        export const handle = (signal: AbortSignal) => list({ limit: 5, signal })
      `,
    },
    'options under another name, destructured': {
      code: `
        async function list({ limit, abort }: { limit: number; abort?: AbortSignal }) { abort?.throwIfAborted(); return limit }
        export const handle = (signal: AbortSignal) => list({ limit: 5 })
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        async function list({ limit, abort }: { limit: number; abort?: AbortSignal }) { abort?.throwIfAborted(); return limit }
        export const handle = (signal: AbortSignal) => list({ limit: 5, abort: signal })
      `,
    },
    'a signal that the destructuring leaves behind': {
      code: `
        ${load}
        export const handle = ({ id }: { id: string; signal?: AbortSignal }) => load(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const handle = ({ id, signal }: { id: string; signal?: AbortSignal }) => load(id, signal)
      `,
    },
    'this.signal': {
      code: `
        ${load}
        export class Job {
          constructor(private readonly signal: AbortSignal) {}
          run(id: string) { return load(id) }
        }
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export class Job {
          constructor(private readonly signal: AbortSignal) {}
          run(id: string) { return load(id, this.signal) }
        }
      `,
    },
    'the member of a context object': {
      code: `
        ${load}
        interface Context { user: string; abortSignal: AbortSignal }
        export const handle = (id: string, context: Context) => load(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        interface Context { user: string; abortSignal: AbortSignal }
        export const handle = (id: string, context: Context) => load(id, context.abortSignal)
      `,
    },
    'through a generic interface': {
      code: `
        interface Store<T extends { id: string }> {
          find(id: T['id'], options?: { limit?: number; signal?: AbortSignal }): Promise<T | null>
        }
        export const first = <T extends { id: string }>(store: Store<T>, id: string, signal: AbortSignal) =>
          store.find(id, { limit: 1 })
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        interface Store<T extends { id: string }> {
          find(id: T['id'], options?: { limit?: number; signal?: AbortSignal }): Promise<T | null>
        }
        export const first = <T extends { id: string }>(store: Store<T>, id: string, signal: AbortSignal) =>
          store.find(id, { limit: 1, signal })
      `,
    },
    'what is iterated asynchronously': {
      code: `
        declare function rows(table: string, signal?: AbortSignal): AsyncGenerator<string>
        export async function* all(signal: AbortSignal) {
          for await (const row of rows('a')) yield row
          yield* rows('b')
        }
      `,
      reasons: ['callee-accepts-signal', 'callee-accepts-signal'],
      output: `
        declare function rows(table: string, signal?: AbortSignal): AsyncGenerator<string>
        export async function* all(signal: AbortSignal) {
          for await (const row of rows('a', signal)) yield row
          yield* rows('b', signal)
        }
      `,
    },
    'a function behind a wrapper that hands its arguments on': {
      code: `
        ${load}
        const traced = <A extends unknown[], R>(fn: (...args: A) => R) => (...args: A) => fn(...args)
        const tracedLoad = traced(load)
        export const handle = (id: string, signal: AbortSignal) => tracedLoad(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        const traced = <A extends unknown[], R>(fn: (...args: A) => R) => (...args: A) => fn(...args)
        const tracedLoad = traced(load)
        export const handle = (id: string, signal: AbortSignal) => tracedLoad(id, signal)
      `,
    },
    'the signal of a controller that was handed in': {
      code: `
        ${load}
        export const handle = (id: string, controller: AbortController) => load(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const handle = (id: string, controller: AbortController) => load(id, controller.signal)
      `,
    },
    'a signal captured by a closure': {
      code: `
        ${load}
        export const handle = (ids: string[], signal: AbortSignal) => Promise.all(ids.map((id) => load(id)))
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const handle = (ids: string[], signal: AbortSignal) => Promise.all(ids.map((id) => load(id, signal)))
      `,
    },
    'a function handed to map must not get the index': {
      code: `
        ${load}
        export const handle = (ids: string[], signal: AbortSignal) => Promise.all(ids.map(load))
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const handle = (ids: string[], signal: AbortSignal) => Promise.all(ids.map((id) => load(id, signal)))
      `,
    },
    'the innermost signal wins': {
      code: `
        ${load}
        export const outer = (id: string, signal: AbortSignal) => {
          signal.throwIfAborted()
          return async (inner: AbortSignal) => load(id)
        }
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const outer = (id: string, signal: AbortSignal) => {
          signal.throwIfAborted()
          return async (inner: AbortSignal) => load(id, inner)
        }
      `,
    },
    'then the most derived': {
      code: `
        ${load}
        export async function handle(id: string, signal: AbortSignal) {
          const bounded = AbortSignal.any([signal, AbortSignal.timeout(500)])
          return load(id)
        }
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export async function handle(id: string, signal: AbortSignal) {
          const bounded = AbortSignal.any([signal, AbortSignal.timeout(500)])
          return load(id, bounded)
        }
      `,
    },
    'null where only undefined is taken': {
      code: `
        ${load}
        export const handle = (id: string, signal: AbortSignal | null) => load(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const handle = (id: string, signal: AbortSignal | null) => load(id, signal ?? undefined)
      `,
    },
    'to a constructor': {
      code: `
        class Loader { constructor(readonly id: string, readonly signal?: AbortSignal) {} }
        export const loaderOf = (id: string, signal: AbortSignal) => new Loader(id)
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        class Loader { constructor(readonly id: string, readonly signal?: AbortSignal) {} }
        export const loaderOf = (id: string, signal: AbortSignal) => new Loader(id, signal)
      `,
    },
    'a trailing comma and comments stay': {
      code: `
        ${load}
        export const handle = (id: string, signal: AbortSignal) =>
          load(
            id, // the user
          )
      `,
      reasons: ['callee-accepts-signal'],
      output: `
        ${load}
        export const handle = (id: string, signal: AbortSignal) =>
          load(
            id, // the user
            signal,
          )
      `,
    },
  },
})
