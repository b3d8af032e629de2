import { describe, expect, test } from 'vitest'
import { analysisOf, type Files } from '../testing/program.js'
import { entryPointsBySink } from './reach.js'

/** `title ← function at request parameter`, for each entry point. */
function entries(files: Files | string): readonly string[] {
  const analysis = analysisOf(files)
  return [...analysis.entries.values()]
    .map((entry) => {
      const { params, name } = analysis.resolver.program.fn(entry.file, entry.fn)
      const request = params[entry.request]?.name ?? '-'
      return `${entry.title} <- ${name === '' ? 'callback' : name}(${request})`
    })
    .sort()
}

const APP = `import express, { Router, type RequestHandler, type Request, type Response } from 'express'
const app = express()
const router = Router()
`

describe('entry points of express', () => {
  test.each<[situation: string, text: string, expected: readonly string[]]>([
    ['an inline handler', `app.get('/a', (req, res) => {})`, ['GET /a <- callback(req)']],
    [
      'a named handler',
      `function list(req: Request) {}\nrouter.post('/b', list)`,
      ['POST /b <- list(req)'],
    ],
    [
      'several handlers and arrays of them',
      `const one: RequestHandler = (req) => {}\nfunction two(q) {}\napp.put('/c', [one, two], (last) => {})`,
      ['PUT /c <- callback(last)', 'PUT /c <- one(req)', 'PUT /c <- two(q)'],
    ],
    [
      'a route and its verbs',
      `app.route('/d').get((a) => {}).delete((b) => {})`,
      ['DELETE <- callback(b)', 'GET <- callback(a)'],
    ],
    [
      'middleware, with and without a path',
      `app.use((req, res, next) => next())\napp.use('/e', (q) => {})`,
      ['use /e <- callback(q)', 'use <- callback(req)'],
    ],
    [
      'an error handler has its request second',
      `app.use((error, req, res, next) => {})`,
      ['use <- callback(req)'],
    ],
    [
      'what a wrapper is given',
      `const wrap = (fn) => (req, res, next) => fn(req, res).catch(next)\napp.get('/f', wrap(async (q, s) => {}))`,
      ['GET /f <- callback(q)'],
    ],
    [
      'what a factory returns',
      `const allow = (role: string) => (req, res, next) => next()\napp.get('/g', allow('admin'))`,
      ['GET /g <- callback(req)'],
    ],
    [
      'methods of a controller, bound or held by arrows',
      `class Users { list(req: Request) {} one = async (q: Request) => {}
  constructor(r: Router) { r.get('/h', this.list.bind(this)); r.get('/i', this.one) } }\nnew Users(router)`,
      ['GET /h <- list(req)', 'GET /i <- one(q)'],
    ],
    [
      'a handler by its type alone',
      `export const handler: RequestHandler = (req, res) => {}`,
      ['handler <- handler(req)'],
    ],
    [
      'a function by the types of its parameters',
      `export function handle(req: Request, res: Response) {}`,
      ['handle <- handle(req)'],
    ],
    ['a setting is not a route', `app.get('trust proxy')`, []],
    [
      'another object with the same methods',
      `const cache = new Map()\ncache.get('/x', () => {})\nother.get('/y', (req) => {})\ndeclare const other: { get(path: string, load: (id: string) => void): void }`,
      [],
    ],
  ])('%s', (_situation, text, expected) => {
    expect(entries(APP + text)).toEqual(expected)
  })

  test('handlers of other files, through a barrel', () => {
    const files = {
      'src/app.ts': `import express from 'express'\nimport { list } from './handlers/index.js'\nexpress().get('/a', list)`,
      'src/handlers/index.ts': `export * from './list.js'`,
      'src/handlers/list.ts': `export const list = async (req, res) => {}`,
    }
    expect(entries(files)).toEqual(['GET /a <- list(req)'])
  })

  test('handlers that a wrapper was given where they are defined', () => {
    const files = {
      'src/wrap.ts': `export const wrap = (fn) => (req, res, next) => { fn(req, res).catch(next) }`,
      'src/users.ts': `import { wrap } from './wrap.js'
export const list = wrap(async (q, s) => {})
export class Users { show = wrap(async (asked) => {}) }
export const admin = { drop: wrap(async function drop(order) {}) }
const edit = wrap(async function edit(change) {})
export const pages = { edit }`,
      'src/index.ts': `export * from './users.js'`,
      'src/app.ts': `import express from 'express'
import { list, Users, admin, pages } from './index.js'
const users = new Users()
express().get('/a', list).get('/b', users.show).delete('/c', admin.drop).put('/d', pages.edit)`,
    }
    expect(entries(files)).toEqual([
      'DELETE /c <- drop(order)',
      'GET /a <- callback(q)',
      'GET /b <- callback(asked)',
      'PUT /d <- edit(change)',
    ])
  })

  test('CommonJS', () => {
    const text = `const express = require('express')\nconst router = express.Router()\nrouter.get('/a', async (req, res) => {})\nmodule.exports = router`
    expect(entries({ 'src/plain.js': text })).toEqual(['GET /a <- callback(req)'])
    const users = {
      'src/users.js': `exports.list = wrap(async (q, s) => {})\nfunction wrap(fn) { return (req, res, next) => fn(req, res).catch(next) }`,
      'src/app.js': `const users = require('./users')\nrequire('express')().get('/a', users.list)`,
    }
    expect(entries(users)).toEqual(['GET /a <- callback(q)'])
  })
})

test('what React and Next.js give back from a cache calls the function that it was given', () => {
  const analysis = analysisOf({
    'src/data.ts': `
      import { unstable_cache } from 'next/cache'
      import { Pool } from 'pg'
      import { cache } from 'react'
      const pool = new Pool()
      export const findUser = cache(async (id: string) => pool.query('SELECT 1', [id]))
      export const countUsers = unstable_cache(async () => pool.query('SELECT 2'), ['users'])`,
    'src/app.ts': `
      import express from 'express'
      import { countUsers, findUser } from './data.js'
      express().get('/', async (req, res) => { res.json([await findUser('1'), await countUsers()]) })`,
  })
  const reached = [...entryPointsBySink(analysis)].map(([id]) => id)
  const sinks = analysis.calls.filter(({ sink }) => sink?.library.name === 'pg')
  expect(reached.sort()).toEqual(sinks.map(({ id }) => id).sort())
  expect(sinks).toHaveLength(2)
})
