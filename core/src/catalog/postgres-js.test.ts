import { expect, test } from 'vitest'
import { sinkLines } from '../testing/sinks.js'

const programs = {
  'a transaction whose queries are sent together': `
    import postgres from 'postgres'
    const sql = postgres()
    export async function run(a: number) {
      await sql.begin((tx) => [
        tx\`insert into a values (\${a})\`, // @sink postgres
        tx\`insert into b values (1)\`, // @sink postgres
      ])
      await sql.begin('read write', (tx) => {
        return [tx\`insert into a values (\${a})\`] // @sink postgres
      })
      await sql.begin(async (tx) => [await tx\`select 1\`]) // @sink postgres
    }`,
  'queries that nothing waits for': `
    import postgres from 'postgres'
    const sql = postgres()
    export const parts = () => [sql\`a = 1\`, sql\`b = 2\`]
    export const kept = [sql\`c = 1\`]`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
