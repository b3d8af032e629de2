import { testRule } from '../testing/rule-tester.js'
import { noLazyQueryEscape } from './no-lazy-query-escape.js'

const knex = `import type { Knex } from 'knex'`
const runtime = `import { detached, withSignal } from '@ctx-fix/runtime'`

testRule('no-lazy-query-escape', noLazyQueryEscape, {
  silent: {
    'what withSignal is given, as it awaits that': `
      ${knex}
      ${runtime}
      export const all = (db: Knex, signal: AbortSignal) => withSignal(signal, () => db('a').select())
    `,
    'what detached is given, as it awaits that': `
      ${knex}
      ${runtime}
      export const audit = (db: Knex) => detached('audit', () => db('a').insert({}))
    `,
    'awaited inside': `
      ${knex}
      ${runtime}
      export const audit = (db: Knex) => detached('audit', async () => await db('a').insert({}))
    `,
    'an async function, which awaits what it returns': `
      ${knex}
      ${runtime}
      export const audit = (db: Knex) => detached('audit', async () => db('a').insert({}))
    `,
    'a promise': `
      ${knex}
      ${runtime}
      export const audit = (db: Knex) => detached('audit', () => db('a').insert({}).then(() => 1))
    `,
  },
  withoutFix: {
    'in a list out of detached': {
      code: `
        ${knex}
        ${runtime}
        export const audit = (db: Knex) => detached('audit', () => [db('a').insert({})])
      `,
      reasons: ['lazy-query-escapes'],
    },
    'in an object out of withSignal': {
      code: `
        ${knex}
        ${runtime}
        export const all = (db: Knex, signal: AbortSignal) =>
          withSignal(signal, () => ({ query: db('a').select() }))
      `,
      reasons: ['lazy-query-escapes'],
    },
    'returned out of a store of the program': {
      code: `
        ${knex}
        ${runtime}
        import { AsyncLocalStorage } from 'node:async_hooks'
        const storage = new AsyncLocalStorage<string>()
        export const all = (db: Knex) => storage.run('tenant', () => db('a').select())
      `,
      reasons: ['lazy-query-escapes'],
      suggestions: [
        {
          kind: 'add',
          output: `
            ${knex}
            ${runtime}
            import { AsyncLocalStorage } from 'node:async_hooks'
            const storage = new AsyncLocalStorage<string>()
            export const all = (db: Knex) => storage.run('tenant', async () => await db('a').select())
          `,
        },
      ],
    },
  },
  withFix: {},
})
