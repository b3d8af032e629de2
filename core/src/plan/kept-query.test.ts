import { expect, test } from 'vitest'
import { findAll } from '../findings/find.js'
import { analysisOf } from '../testing/program.js'
import { planLocalFix } from './local.js'

const refusalsIn = (text: string) => {
  const analysis = analysisOf(text)
  return findAll(analysis, { noSignalInScope: 'off' }).map(
    (found) => planLocalFix(analysis, found, text).refusal,
  )
}

const prisma = (body: string) => `
  import { PrismaClient } from '@prisma/client'
  const prisma = new PrismaClient()
  export async function run(rows: object[], signal: AbortSignal) {
    ${body}
  }`

const knex = (body: string) => `
  import knex from 'knex'
  const db = knex({})
  export async function run(tables: string[], signal: AbortSignal) {
    ${body}
  }`

test.each([
  [
    'in a list for a transaction',
    prisma(`const all = rows.map((data) => prisma.post.create({ data }))
    await prisma.$transaction(all)`),
    [undefined],
  ],
  [
    'in variables for a transaction',
    prisma(`const list = prisma.post.findMany()
    await prisma.$transaction([list])`),
    [undefined],
  ],
  [
    'pushed on a list',
    prisma(`const all = []
    for (const data of rows) all.push(prisma.post.create({ data }))
    await prisma.$transaction(all)`),
    [undefined],
  ],
  [
    'in a list that is worked off one by one',
    knex(`const steps = tables.map((table) => db(table).del())
    for (const step of steps) await step`),
    ['query-kept-for-later', undefined],
  ],
  [
    'in a list of which all start at once',
    prisma('return Promise.all(rows.map((data) => prisma.post.create({ data })))'),
    [undefined],
  ],
  [
    'in a variable for a list of which all start at once',
    prisma(`const all = rows.map((data) => prisma.post.create({ data }))
    return Promise.all([...all])`),
    [undefined],
  ],
  [
    'in a variable that is awaited',
    prisma('const list = prisma.post.findMany()\n return await list'),
    [undefined],
  ],
  ['awaited', prisma('return await prisma.post.findMany()'), [undefined]],
])('a lazy query %s', (_, text, refusals) => {
  expect(refusalsIn(text).filter((each, at, all) => all.indexOf(each) === at)).toEqual(refusals)
})

test.each([
  ['a list', 'const all = rows.map((data) => prisma.post.create({ data }))', 'all'],
  ['a variable', 'const one = prisma.post.create({ data: {} })', '[one]'],
])('queries that a transaction is given in %s are parts of it', (_, made, given) => {
  const text = prisma(`${made}\n await prisma.$transaction(${given})`)
  const { judgements } = analysisOf(text)
  const verdicts = judgements.flatMap(({ node, verdict }) =>
    node.sink ? [`${node.sink.api} ${verdict}`] : [],
  )
  expect(verdicts.toSorted()).toEqual([
    expect.stringMatching(/create part$/),
    expect.stringMatching(/\$transaction lost$/),
  ])
})
