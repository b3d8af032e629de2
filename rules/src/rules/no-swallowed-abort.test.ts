import { testRule } from '../testing/rule-tester.js'
import { noSwallowedAbort } from './no-swallowed-abort.js'

const load = `declare function load(signal: AbortSignal): Promise<string[]>`
const around = (clause: string) => `
  ${load}
  declare const next: (error: unknown) => void
  declare const logger: { error(...args: unknown[]): void }
  export async function run(signal: AbortSignal) {
    try {
      return await load(signal)
    } ${clause}
  }
`
const swallowed = (clause: string) => ({ code: around(clause), reasons: ['abort-swallowed'] })

testRule('no-swallowed-abort', noSwallowedAbort, {
  silent: {
    rethrown: around('catch (error) { logger.error(error); throw error }'),
    'looked at by the signal': around('catch { if (signal.aborted) return undefined; return [] }'),
    'asked of the signal': around('catch { signal.throwIfAborted(); return [] }'),
    'told by its name': around(
      "catch (error) { if ((error as Error).name === 'AbortError') return undefined; return [] }",
    ),
    'handed on': around('catch (error) { next(error) }'),
    returned: around('catch (error) { return { error } }'),
    'no call with a signal': `
      declare function load(): Promise<string[]>
      export async function run() {
        try { return await load() } catch { return [] }
      }
    `,
    'a clause of another function': `
      ${load}
      export function run(signal: AbortSignal) {
        try { return () => load(signal) } catch { return undefined }
      }
    `,
    'a chain that rethrows': `
      ${load}
      export const run = (signal: AbortSignal) =>
        load(signal).catch((error: unknown) => { throw new Error('no list', { cause: error }) })
    `,
  },
  withoutFix: {
    'turned into a success': swallowed('catch { return [] }'),
    'only logged': swallowed("catch (error) { logger.error('no list', error); return [] }"),
    'turned into an answer of the server': swallowed('catch { return { status: 500 } }'),
    'at the end of a chain': {
      code: `
        ${load}
        export const run = (signal: AbortSignal) => load(signal).catch(() => [])
      `,
      reasons: ['abort-swallowed'],
    },
    'tried again': {
      code: `
        ${load}
        export async function run(signal: AbortSignal) {
          for (;;) {
            try { return await load(signal) } catch { continue }
          }
        }
      `,
      reasons: ['abort-swallowed'],
    },
  },
  withFix: {},
})
