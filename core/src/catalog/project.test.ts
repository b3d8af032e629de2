import { describe, expect, test } from 'vitest'
import { findAll } from '../findings/find.js'
import { planLocalFix } from '../plan/local.js'
import { analysisOf, judgementOn } from '../testing/program.js'
import { createCatalog, libraries } from './index.js'
import { readProject } from './project.js'

const manifests = (files: Readonly<Record<string, object>>) => (path: string) =>
  path in files ? JSON.stringify(files[path]) : undefined

const read = (files: Readonly<Record<string, object>>, folder = '/repo/api/src') =>
  readProject(folder, libraries, manifests(files))

const versionsIn = (files: Readonly<Record<string, object>>) => [...read(files).versions]

describe('what a project has installed', () => {
  test.each([
    ['nothing known', {}, []],
    [
      'the installed version before the range',
      {
        '/repo/api/package.json': { dependencies: { kysely: '^0.27.0' } },
        '/repo/api/node_modules/kysely/package.json': { version: '0.28.4' },
      },
      [['kysely', '0.28.4']],
    ],
    [
      'installed at the root of a workspace',
      { '/repo/node_modules/kysely/package.json': { version: '0.29.1' } },
      [['kysely', '0.29.1']],
    ],
    [
      'the lowest version of the range where nothing is installed',
      { '/repo/package.json': { devDependencies: { kysely: '^0.27.3' } } },
      [['kysely', '0.27.3']],
    ],
    [
      'a range that names no version',
      { '/repo/package.json': { dependencies: { kysely: 'latest' } } },
      [],
    ],
    [
      'the oldest Node that the project runs on',
      { '/repo/package.json': { engines: { node: '>=22.1 <25' } } },
      [['node', '22.1']],
    ],
    ['a manifest that is no JSON object', { '/repo/package.json': [] }, []],
  ])('%s', (_, files, expected) => {
    expect(versionsIn(files as Record<string, object>)).toEqual(expected)
  })

  test('the runtime is a dependency of the project or of a folder above it', () => {
    const manifest = { dependencies: { '@ctx-fix/runtime': '^0.1.0' } }
    expect(read({ '/repo/package.json': manifest }).runtime).toBe(true)
    expect(read({ '/repo/package.json': {} }).runtime).toBe(false)
  })
})

const query = `
  import type { Kysely } from 'kysely'
  export const all = (db: Kysely<object>, signal: AbortSignal) => db.selectFrom('a').execute()`

function writtenIn(files: Readonly<Record<string, object>>): string[] {
  const catalog = createCatalog([], read(files))
  const analysis = analysisOf(query, { catalog })
  return findAll(analysis, { noSignalInScope: 'report' }).flatMap((each) =>
    planLocalFix(analysis, each, query).choices.map(({ edits }) =>
      edits.map((edit) => edit.text).join('…'),
    ),
  )
}

const installed = (version: string) => ({
  '/repo/node_modules/kysely/package.json': { version },
})

describe("Kysely's own signal", () => {
  const own = "{ signal, inflightQueryAbortStrategy: 'cancel query' }"
  const wrapper = 'withSignal(signal, () => …)'

  test.each([
    ['is written where the version is not known', {}, own],
    ['is written from 0.29', installed('0.29.9'), own],
    ['is not there before 0.29', installed('0.28.18'), wrapper],
    [
      'is left to the runtime where that is a dependency',
      {
        ...installed('0.29.9'),
        '/repo/package.json': { dependencies: { '@ctx-fix/runtime': '0.1.0' } },
      },
      wrapper,
    ],
  ])('%s', (_, files, expected) => {
    expect(writtenIn(files)).toEqual([expected])
  })

  test('counts as given, also where the runtime would be taken', () => {
    const given = query.replace('execute()', `execute(${own})`)
    const files = { '/repo/package.json': { dependencies: { '@ctx-fix/runtime': '0.1.0' } } }
    const catalog = createCatalog([], read(files))
    expect(judgementOn(analysisOf(given, { catalog }), 'db.selectFrom().execute').verdict).toBe(
      'passed',
    )
  })
})

describe('statements behind promises of Bluebird, which mix up what runs at one time', () => {
  const ofSequelize = `
    import { Sequelize } from 'sequelize'
    const db = new Sequelize()
    export const all = (signal: AbortSignal) => db.query('SELECT 1')`
  const ofKnex = `
    import knex from 'knex'
    const db = knex({})
    export const all = async (signal: AbortSignal) => await db.raw('SELECT 1')`
  const ofObjection = `
    import { Model } from 'objection'
    class User extends Model {}
    export const all = async (signal: AbortSignal) => await User.query()`

  test.each([
    ['sequelize', '5.22.5', ofSequelize, 0],
    ['sequelize', '6.0.0', ofSequelize, 1],
    ['knex', '0.20.0', ofKnex, 0],
    ['knex', '0.21.21', ofKnex, 1],
    ['objection', '1.6.11', ofObjection, 0],
    ['objection', '2.0.0', ofObjection, 1],
  ])('%s %s', (name, version, text, count) => {
    const files = { [`/repo/node_modules/${name}/package.json`]: { version } }
    const catalog = createCatalog([], read(files))
    expect(findAll(analysisOf(text, { catalog }), { noSignalInScope: 'report' })).toHaveLength(
      count,
    )
  })
})

describe("Node's signal of a request", () => {
  const handler = `
    import express from 'express'
    import { pool } from './pool.js'
    express().post('/', async (req, res) => {
      res.json(await fetch('http://b', { signal: req.signal }))
    })`

  const reasonsWith = (node: string | undefined) => {
    const files = node === undefined ? {} : { '/repo/package.json': { engines: { node } } }
    const catalog = createCatalog([], read(files))
    return findAll(analysisOf(handler, { catalog }), { noSignalInScope: 'report' }).map(
      ({ finding }) => finding.reason,
    )
  }

  test.each([
    ['an unknown Node', undefined, ['handler-uses-broken-signal']],
    ['a Node without it', '>=20', ['handler-uses-broken-signal']],
    ['a Node in which it aborts too early', '^24.16.0', ['handler-uses-broken-signal']],
    ['a Node in which it is right', '>=24.20', []],
  ])('%s', (_, node, reasons) => {
    expect(reasonsWith(node)).toEqual(reasons)
  })
})

describe("Fastify's signal of a request", () => {
  const handler = (method: string) => `
    import Fastify from 'fastify'
    const app = Fastify()
    app.${method}('/', async (request) => fetch('http://b', { signal: request.signal }))`

  test.each([
    ['a GET of a new version', 'get', '5.12.8', []],
    ['a POST of a new version', 'post', '5.12.8', ['handler-uses-broken-signal']],
    ['a GET of a version that has none', 'get', '5.7.4', ['handler-uses-broken-signal']],
  ])('%s', (_, method, version, reasons) => {
    const files = { '/repo/node_modules/fastify/package.json': { version } }
    const catalog = createCatalog([], read(files))
    const found = findAll(analysisOf(handler(method), { catalog }), { noSignalInScope: 'report' })
    expect(found.map(({ finding }) => finding.reason)).toEqual(reasons)
  })
})

describe('Prisma', () => {
  const text = `
    import { PrismaClient } from '@prisma/client'
    const prisma = new PrismaClient()
    export const all = (signal: AbortSignal) => prisma.user.findMany()`
  const using = (dependencies: Readonly<Record<string, string>>) => ({
    '/repo/package.json': { dependencies },
  })

  test.each([
    ['of a version that is not known', {}, 'lost'],
    ['of a manifest that does not name it', using({}), 'lost'],
    ['5, on its own engine', using({ '@prisma/client': '^5.22.0' }), 'irrelevant'],
    ['6, over pg', using({ '@prisma/client': '^6.1.0', '@prisma/adapter-pg': '^6.1.0' }), 'lost'],
    [
      '6, which a linked package of the workspace names',
      {
        ...using({ '@shop/db': 'workspace:*' }),
        '/repo/node_modules/@shop/db/package.json': {
          dependencies: { '@prisma/client': '^6.1.0' },
        },
      },
      'irrelevant',
    ],
    [
      '6, which an installed package is made with',
      {
        ...using({ '@shop/db': '^1.0.0' }),
        '/repo/node_modules/@shop/db/package.json': {
          dependencies: { '@prisma/client': '^6.1.0' },
        },
      },
      'lost',
    ],
    ['7, over what is not said', using({ '@prisma/client': '^7.0.0' }), 'lost'],
    [
      '7, over another driver',
      using({ '@prisma/client': '^7.0.0', '@prisma/adapter-neon': '^7.0.0' }),
      'irrelevant',
    ],
  ])('%s', (_, files, verdict) => {
    const catalog = createCatalog([], read(files))
    expect(judgementOn(analysisOf(text, { catalog }), 'prisma.user.findMany').verdict).toBe(verdict)
  })
})

describe('pg', () => {
  const text = `
    import pg from 'pg'
    const pool = new pg.native.Pool()
    export const all = (signal: AbortSignal) => pool.query('SELECT 1')`

  test.each([
    ['with its JavaScript client', { dependencies: { pg: '^8.0.0' } }, 'lost'],
    [
      'with the native one, which refuses a signal',
      { dependencies: { pg: '^8.0.0', 'pg-native': '^3.0.0' } },
      'irrelevant',
    ],
  ])('%s', (_, manifest, verdict) => {
    const catalog = createCatalog([], read({ '/repo/package.json': manifest }))
    expect(judgementOn(analysisOf(text, { catalog }), 'pool.query').verdict).toBe(verdict)
  })

  test('an installed pg-native that the project does not name is not its own', () => {
    const catalog = createCatalog(
      [],
      read({
        '/repo/package.json': { dependencies: { pg: '^8.0.0' } },
        '/repo/node_modules/pg-native/package.json': { version: '3.0.0' },
      }),
    )
    expect(judgementOn(analysisOf(text, { catalog }), 'pool.query').verdict).toBe('lost')
  })
})
