import { describe, expect, test } from 'vitest'
import { analysisOf } from '../testing/program.js'

/** `library: title <- request parameter`, for each entry point. */
function entries(text: string): readonly string[] {
  const { entries: found, resolver } = analysisOf(text)
  return [...found.values()]
    .map(({ file, fn, library, request, title }) => {
      const { params } = resolver.program.fn(file, fn)
      return `${library}: ${title} <- ${params[request]?.name ?? '-'}`
    })
    .sort()
}

type Case = [situation: string, text: string, expected: readonly string[]]

describe('entry points of Elysia', () => {
  test.each<Case>([
    [
      'routes, in a chain behind hooks',
      `import { Elysia } from 'elysia'
      new Elysia({ prefix: '/v1' }).onBeforeHandle(async (a) => {}).derive({ as: 'global' }, (b) => ({}))
        .model({}).get('/x', (c) => '').route('POST', '/y', (d) => '').listen(3000)`,
      [
        'elysia: GET /x <- c',
        'elysia: derive <- b',
        'elysia: onBeforeHandle <- a',
        'elysia: route POST <- d',
      ],
    ],
    [
      'routes of a group, of a guard and of a plugin, and the hooks of a route',
      `import { Elysia, type Context } from 'elysia'
      const users = (app: Elysia) => app.put('/u', (a) => '')
      new Elysia().use(users).use((app) => app.get('/p', (b) => ''))
        .group('/g', (app) => app.post('/q', (c) => ''))
        .guard({ headers: 1, beforeHandle: [(f) => {}] }, (app) => app.delete('/r', (d) => '', { beforeHandle: (e) => {} }))`,
      [
        'elysia: DELETE /r <- d',
        'elysia: DELETE /r <- e',
        'elysia: GET /p <- b',
        'elysia: POST /q <- c',
        'elysia: PUT /u <- a',
        'elysia: guard <- f',
      ],
    ],
    [
      'what runs when the server starts, and what runs behind the response',
      `import { Elysia } from 'elysia'\nnew Elysia().onStart(async (a) => {}).onAfterResponse(async (b) => {})`,
      [],
    ],
    [
      'a class of the same name from elsewhere',
      `import { Elysia } from './mine'\nnew Elysia().get('/x', (c) => '')`,
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(entries(text)).toEqual(expected)
  })
})

describe('entry points of hapi', () => {
  test.each<Case>([
    [
      'routes by themselves and in lists, with their options and what runs before them',
      `import Hapi from '@hapi/hapi'
      const server = Hapi.server()
      const list = [{ method: 'GET', path: '/l', handler: (a) => '' }]
      server.route(list)
      server.route({ method: ['GET', 'post'], path: '/r', handler: (b, h) => '' })
      server.route([{ method: '*', path: '/o', options: {
        pre: [[(c) => ''], { method: (d) => '', assign: 'd' }], handler: async (e) => '' } }])`,
      [
        'hapi: * /o <- c',
        'hapi: * /o <- d',
        'hapi: * /o <- e',
        'hapi: POST /r <- b',
        'hapi: route <- a',
      ],
    ],
    [
      'routes and handlers that are known by their types alone',
      `import { Lifecycle, ServerRoute, Request, ResponseToolkit } from '@hapi/hapi'
      export const all: Lifecycle.Method = async (a) => ''
      export const route: ServerRoute = { method: 'GET', path: '/r', options: { handler: (b) => '' } }
      export async function one(c: Request, h: ResponseToolkit) {}`,
      ['hapi: all <- a', 'hapi: handler <- b', 'hapi: one <- c'],
    ],
    [
      'extension points of a request, and those of the server',
      `const Hapi = require('@hapi/hapi')\nconst server = new Hapi.Server()
      server.ext('onPreHandler', (a, h) => h.continue)\nserver.ext('onPostStart', async (b) => {})`,
      ['hapi: ext onPreHandler <- a'],
    ],
    [
      'routes of plugins, inline and by their type',
      `import { Plugin, server } from '@hapi/hapi'
      export const users: Plugin<object> = { name: 'u', async register(app) { app.route({ handler: (a) => '' }) } }
      await server().register({ name: 'p', register(app) { app.route({ path: '/p', method: 'GET', handler: (b) => '' }) } })`,
      ['hapi: GET /p <- b', 'hapi: route <- a'],
    ],
    [
      'lists that are joined',
      `import { Server } from '@hapi/hapi'
      const users = [{ method: 'GET', path: '/u', handler: (a) => '' }]
      new Server().route(users.concat([{ method: 'GET', path: '/v', handler: (b) => '' }]))
      new Server().route([...users, { method: 'GET', path: '/w', handler: (c) => '' }])`,
      ['hapi: GET /w <- c', 'hapi: route <- a', 'hapi: route <- b'],
    ],
    [
      'a server that is composed from a manifest',
      `const Glue = require('@hapi/glue')
      const start = async () => { (await Glue.compose({})).route({ method: 'GET', path: '/x', handler: (a) => '' }) }
      Glue.compose({}, {}, (error, server) => { server.route({ method: 'GET', path: '/y', handler: (b, reply) => '' }) })`,
      ['hapi: GET /x <- a', 'hapi: GET /y <- b'],
    ],
    [
      'a server of the same methods from elsewhere',
      `import { server } from './mine'\nserver.route({ method: 'GET', path: '/x', handler: (a) => '' })`,
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(entries(text)).toEqual(expected)
  })
})
