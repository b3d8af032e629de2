import { testRule } from '../testing/rule-tester.js'
import { disposeDeadline } from './dispose-deadline.js'

const load = `declare function load(signal: AbortSignal): Promise<string>`

testRule('dispose-deadline', disposeDeadline, {
  silent: {
    'a listener that is removed, or removes itself': `
      ${load}
      export async function run(signal: AbortSignal) {
        const child = new AbortController()
        const stop = () => { child.abort(signal.reason) }
        signal.addEventListener('abort', stop)
        try {
          return await load(child.signal)
        } finally {
          signal.removeEventListener('abort', stop)
        }
      }
      export async function once(signal: AbortSignal) {
        const child = new AbortController()
        signal.addEventListener('abort', () => child.abort(), { once: true })
        return await load(child.signal)
      }
    `,
    'a listener for a controller that is given back': `
      export function derive(signal: AbortSignal) {
        const child = new AbortController()
        signal.addEventListener('abort', () => child.abort())
        return child
      }
    `,
    'cleared in finally': `
      ${load}
      export async function run() {
        const controller = new AbortController()
        const timer = setTimeout(() => controller.abort(), 500)
        try { return await load(controller.signal) } finally { clearTimeout(timer) }
      }
    `,
    'handed to the caller': `
      export function start() {
        const controller = new AbortController()
        const timer = setTimeout(() => controller.abort(), 500)
        return { controller, stop: () => clearTimeout(timer) }
      }
    `,
    'a controller of the caller': `
      export function bound(controller: AbortController) {
        setTimeout(() => controller.abort(), 500)
      }
    `,
    'a timer that aborts nothing': `
      export function tick(done: () => void) {
        setTimeout(() => done(), 500)
      }
    `,
    "the platform's own timeout": `
      ${load}
      export const run = () => load(AbortSignal.timeout(500))
    `,
  },
  withoutFix: {
    'a listener that stays on the signal': {
      code: `
        ${load}
        export async function run(signal: AbortSignal) {
          const child = new AbortController()
          const stop = () => { child.abort(signal.reason) }
          signal.addEventListener('abort', stop)
          return await load(child.signal)
        }
      `,
      reasons: ['listener-never-removed'],
    },
    'kept in no variable': {
      code: `
        ${load}
        export async function run() {
          const controller = new AbortController()
          setTimeout(() => controller.abort(), 500)
          return load(controller.signal)
        }
      `,
      reasons: ['timer-never-cleared'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            ${load}
            export async function run() {
              const controller = new AbortController()
              const timer = setTimeout(() => controller.abort(), 500)
              try {
                return await load(controller.signal)
              } finally {
                clearTimeout(timer)
              }
            }
          `,
        },
      ],
    },
    'kept and never cleared': {
      code: `
        ${load}
        export async function run() {
          const controller = new AbortController()
          const timer = setTimeout(() => controller.abort(), 500)
          timer.unref()
          return load(controller.signal)
        }
      `,
      reasons: ['timer-never-cleared'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            ${load}
            export async function run() {
              const controller = new AbortController()
              const timer = setTimeout(() => controller.abort(), 500)
              try {
                timer.unref()
                return await load(controller.signal)
              } finally {
                clearTimeout(timer)
              }
            }
          `,
        },
      ],
    },
    'not where it returns early': {
      code: `
        ${load}
        export async function run(known?: string) {
          const controller = new AbortController()
          const timer = setTimeout(() => controller.abort(), 500)
          if (known) return known
          try {
            return await load(controller.signal)
          } finally {
            clearTimeout(timer)
          }
        }
      `,
      reasons: ['timer-cleared-on-one-path'],
    },
    'cleared only where nothing throws': {
      code: `
        ${load}
        export async function run() {
          const controller = new AbortController()
          const timer = setTimeout(() => controller.abort(), 500)
          const text = await load(controller.signal)
          clearTimeout(timer)
          return text
        }
      `,
      reasons: ['timer-cleared-on-one-path'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            ${load}
            export async function run() {
              const controller = new AbortController()
              const timer = setTimeout(() => controller.abort(), 500)
              try {
                const text = await load(controller.signal)
                return text
              } finally {
                clearTimeout(timer)
              }
            }
          `,
        },
      ],
    },
    'in a function that is not async': {
      code: `
        ${load}
        export function run() {
          const controller = new AbortController()
          setTimeout(() => controller.abort(), 500)
          return load(controller.signal)
        }
      `,
      reasons: ['timer-never-cleared'],
      suggestions: [
        {
          kind: 'enclose',
          output: `
            ${load}
            export function run() {
              const controller = new AbortController()
              const timer = setTimeout(() => controller.abort(), 500)
              return load(controller.signal).finally(() => clearTimeout(timer))
            }
          `,
        },
      ],
    },
    'a listener goes on with it': {
      code: `
        declare function listen(done: () => void): void
        export async function run() {
          const controller = new AbortController()
          setTimeout(() => controller.abort(), 500)
          listen(() => controller.abort())
        }
      `,
      reasons: ['timer-never-cleared'],
    },
  },
  withFix: {},
})
