import { describe, expect, test } from 'vitest'
import { analysisOf } from '../testing/program.js'

/** `library: title ← request parameter`, for each entry point, and the parameter that would be added. */
function entries(text: string): readonly string[] {
  const analysis = analysisOf(text)
  return [...analysis.entries.values()]
    .map((entry) => {
      const { params } = analysis.resolver.program.fn(entry.file, entry.fn)
      const added = entry.parameter ? ` @${entry.parameter.decorator}()` : ''
      return `${entry.library}: ${entry.title} <- ${params[entry.request]?.name ?? '-'}${added}`
    })
    .sort()
}

type Case = [situation: string, text: string, expected: readonly string[]]

const NEST = `import { Controller, Get, Post, Param, Req } from '@nestjs/common'
import { Query, Args } from '@nestjs/graphql'
import { MessagePattern } from '@nestjs/microservices'
import { Cron } from '@nestjs/schedule'
`

describe('entry points of NestJS', () => {
  test.each<Case>([
    [
      'a route takes its signal by a parameter of its own',
      `@Controller() class Cats { @Get(':id') one(@Param('id') id: string) {} @Post() add() {} }`,
      ['nestjs: GET :id <- - @Signal()', 'nestjs: POST <- - @Signal()'],
    ],
    [
      'a route with the request in hand derives from that',
      `class Cats { @Get() all(@Req() req) {} }`,
      ['nestjs: GET <- req'],
    ],
    [
      'a method with bare parameters is filled by position, which a decorator would end',
      `class Cats { @MessagePattern('cats') all(data: string) {} }`,
      ['nestjs-jobs: MessagePattern cats <- -'],
    ],
    [
      'a resolver and a handler of messages',
      `class Cats { @Query() cat(@Args('id') id: string) {} @MessagePattern('cats') all() {} }`,
      ['nestjs-jobs: MessagePattern cats <- - @Signal()', 'nestjs: Query <- - @Signal()'],
    ],
    [
      'what runs at a time has no parameters to decorate',
      `class Cats { @Cron('* * * * *') sweep() {} }`,
      ['nestjs-jobs: Cron * * * * * <- -'],
    ],
    [
      'a guard and an interceptor derive from the context that they are given',
      `import type { CanActivate, ExecutionContext } from '@nestjs/common'
      class OwnerGuard implements CanActivate { async canActivate(context: ExecutionContext) { return true } }
      class Log { intercept(context: ExecutionContext, next) { return next.handle() } }`,
      ['nestjs: canActivate <- context', 'nestjs: intercept <- context'],
    ],
    [
      'a decorator that is composed of others',
      `import { applyDecorators } from '@nestjs/common'
      const GetPage = (path: string) => applyDecorators(Get(path), Reflect.metadata('page', path))
      class Pages { @GetPage('/') all(@Req() req) {} }`,
      ['nestjs: GET / <- req'],
    ],
    [
      'decorators of the same names from elsewhere',
      `import { Delete } from './mine'\nclass Cats { @Delete() drop() {} }`,
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(entries(NEST + text)).toEqual(expected)
  })
})

describe('entry points of koa, hono and HTTP/2', () => {
  test.each<Case>([
    [
      'middleware of koa, and routes of its router',
      `import Koa from 'koa'\nimport Router from '@koa/router'\nconst app = new Koa()\nconst router = new Router()
app.use(async (ctx) => {})\nrouter.get('/a', async (context) => {})\nrouter.del('/b', (c) => {})`,
      ['koa: DELETE /b <- c', 'koa: GET /a <- context', 'koa: use <- ctx'],
    ],
    [
      'routes of koa-router under their names',
      `import Router from 'koa-router'\nconst router = new Router()\nrouter.get('name', '/a', async (ctx) => {})
router.param('slug', async (slug, context, next) => next())`,
      ['koa: GET name <- ctx', 'koa: param slug <- context'],
    ],
    [
      'routes of hono, inline and from a factory',
      `import { Hono } from 'hono'\nimport { createMiddleware } from 'hono/factory'\nconst app = new Hono()
app.get('/a', (c) => c.text(''))\napp.on('POST', '/b', (d) => d.text(''))\nexport const m = createMiddleware(async (e, next) => next())`,
      ['hono: GET /a <- c', 'hono: createMiddleware <- e', 'hono: on POST <- d'],
    ],
    [
      'a route of zod-openapi',
      `import { OpenAPIHono, createRoute } from '@hono/zod-openapi'\nconst app = new OpenAPIHono()
app.openapi(createRoute({ method: 'get', path: '/a' }), (c) => c.json({}))`,
      ['hono: openapi <- c'],
    ],
    [
      'the listener of an HTTP/2 server',
      `import { createServer } from 'node:http2'\nimport * as http2 from 'http2'
createServer((req, res) => {})\nhttp2.createSecureServer({}, (request, res) => {})`,
      ['node:http2: createSecureServer <- request', 'node:http2: createServer <- req'],
    ],
    [
      'handlers of h3, registered and defined',
      `import { H3, defineHandler } from 'h3'\nconst app = new H3()\napp.get('/a', (e) => '')
export default defineHandler(async (event) => '')`,
      ['h3: GET /a <- e', 'h3: defineHandler <- event'],
    ],
    [
      'a handler of AWS Lambda by its type, with and without its context',
      `import type { APIGatewayProxyHandler, Handler } from 'aws-lambda'
export const one: Handler = async (event, context) => {}\nexport const two: APIGatewayProxyHandler = async () => ({ statusCode: 200, body: '' })`,
      ['aws-lambda: one <- context', 'aws-lambda: two <- -'],
    ],
    [
      'a handler of AWS Lambda by its name, plain and in middy, and no other function of its events',
      `import type { SQSEvent } from 'aws-lambda'\nimport middy from '@middy/core'
const parse = (event: SQSEvent) => event.Records\nconst work = async (event: SQSEvent, ctx) => { parse(event) }
export const handler = middy(work).use({})`,
      ['aws-lambda: handler <- ctx'],
    ],
    [
      'a handler that middy is given in the end',
      `import middy from '@middy/core'\nexport const handler = middy().use({}).handler(async (event) => {})`,
      ['aws-lambda: handler <- -'],
    ],
    [
      'something called handler where nothing of AWS is used',
      `export const handler = async (event, context) => {}`,
      [],
    ],
    [
      'a route handler of Next.js',
      `import type { NextRequest } from 'next/server'\nexport async function GET(request: NextRequest) {}`,
      ['web: GET <- request'],
    ],
  ])('%s', (_, text, expected) => {
    expect(entries(text)).toEqual(expected)
  })
})

describe('a server of node:http', () => {
  test.each<[situation: string, line: string, count: number]>([
    ['its request event', "server.on('request', async (req, res) => { res.end() })", 1],
    ['by addListener', "server.addListener('request', async (req, res) => { res.end() })", 1],
    ['given to new', 'new Server(async (req, res) => { res.end() })', 1],
    ['given to new behind options', 'new Server({}, async (req, res) => { res.end() })', 1],
    ['of another class', 'new Other(async (req, res) => { res.end() })', 0],
    ['no other event', "server.on('connection', async (socket) => { socket.end() })", 0],
  ])('%s', (_, line, count) => {
    const analysis = analysisOf(
      `import { createServer } from 'node:http'\nimport { Server } from 'node:https'\nclass Other { constructor(f: unknown) {} }\nconst server = createServer()\n${line}`,
    )
    expect(analysis.entries.size).toBe(count)
  })
})

test('a server of node:http2 by its core API', () => {
  expect(
    entries(
      `import { createSecureServer } from 'node:http2'\nconst server = createSecureServer({})\nserver.on('stream', async (stream, headers) => { stream.end() })\nserver.on('session', async (session) => {})`,
    ),
  ).toEqual(['node:http2: on stream <- stream'])
})

test('a route of Koa that is registered for a list of methods', () => {
  expect(
    entries(
      `import Router from 'koa-router'\nconst router = new Router()\nrouter.register('/z', ['GET'], [async (ctx) => {}, async (context, next) => {}])`,
    ),
  ).toEqual(['koa: register /z <- context', 'koa: register /z <- ctx'])
})

describe('callbacks of Passport', () => {
  test.each<Case>([
    [
      'the function of a strategy, whatever the strategy is called here',
      `import passport from 'passport'
      import { Strategy as LocalStrategy } from 'passport-local'
      import { Strategy } from 'passport-jwt'
      passport.use(new LocalStrategy(async (username, password, done) => {}))
      passport.use(new Strategy({ secretOrKey: '' }, async (payload, done) => {}))`,
      ['passport: LocalStrategy <- -', 'passport: Strategy <- -'],
    ],
    [
      'with passReqToCallback it has the request',
      `import { Strategy } from 'passport-local'
      new Strategy({ passReqToCallback: true }, async (request, username, password, done) => {})`,
      ['passport: Strategy <- request'],
    ],
    [
      'required, and what reads a session',
      `const passport = require('passport')
      const BearerStrategy = require('passport-http-bearer').Strategy
      passport.use(new BearerStrategy(function (token, done) {}))
      passport.deserializeUser((id, done) => {})
      passport.deserializeUser((req, id, done) => {})`,
      [
        'passport: BearerStrategy <- -',
        'passport: deserializeUser <- -',
        'passport: deserializeUser <- req',
      ],
    ],
    [
      'validate of a strategy of Nest, and no other method',
      `import { PassportStrategy } from '@nestjs/passport'
      import { Strategy } from 'passport-local'
      class Local extends PassportStrategy(Strategy) { validate(name: string) {} other() {} }`,
      ['passport: validate <- -'],
    ],
    [
      'a strategy that is not Passport’s',
      `import { Strategy } from './strategies.js'\nnew Strategy((a, b) => {})`,
      [],
    ],
  ])('%s', (_, text, expected) => {
    expect(entries(text)).toEqual(expected)
  })
})

describe('classes and methods that are marked', () => {
  test.each<Case>([
    [
      'handlers of @nestjs/cqrs, by the interface and by the decorator',
      `import { CommandHandler, EventsHandler, IQueryHandler } from '@nestjs/cqrs'
      @CommandHandler(Add) class AddHandler { execute(command: Add) {} other() {} }
      class FindHandler implements IQueryHandler<Find> { async execute(query: Find) {} }
      @EventsHandler(Added) class AddedHandler { handle(event: Added) {} execute() {} }`,
      ['nestjs-cqrs: execute <- -', 'nestjs-cqrs: execute <- -', 'nestjs-cqrs: handle <- -'],
    ],
    [
      'controllers of tsoa',
      `import { Controller, Get, Path, Request, Route } from 'tsoa'
      @Route('users') class Users extends Controller {
        @Get('{id}') one(@Path() id: string) {}
        @Get() all(@Request() req: object) {}
        other() {}
      }`,
      ['tsoa: GET <- req', 'tsoa: GET {id} <- - @Request()'],
    ],
    [
      'controllers and middleware of routing-controllers',
      `import { Get, JsonController, Post, Req, type ExpressMiddlewareInterface } from 'routing-controllers'
      @JsonController('/users') class Users {
        @Get('/:id') one(@Req() req) {}
        @Post() add() {}
      }
      class Auth implements ExpressMiddlewareInterface { use(request, response, next) {} other() {} }`,
      [
        'routing-controllers: GET /:id <- req',
        'routing-controllers: POST <- - @Req()',
        'routing-controllers: use <- request',
      ],
    ],
  ])('%s', (_, text, expected) => {
    expect(entries(text)).toEqual(expected)
  })
})
