import type { Library } from './types.js'

const requestModules = [
  'node',
  'express',
  'fastify',
  'koa',
  'hono',
  'hapi',
  'nest',
  'web',
  'h3',
  'trpc',
  'graphql',
  'next',
  'lambda',
  'job',
  'bullmq',
  'pg-boss',
  'graphile-worker',
  'grpc',
].map((name) => `@ctx-fix/runtime/${name}`)

export const runtime = {
  name: '@ctx-fix/runtime',
  kind: 'runtime',
  modules: [
    '@ctx-fix/runtime',
    ...requestModules,
    '@ctx-fix/runtime/pg',
    '@ctx-fix/runtime/postgres',
  ],
  evidence: [
    {
      what: 'requestSignal, deriveSignal, defineBudgets, withSignal, currentSignal, detached',
      where: 'runtime/README.md',
      since: '0.1.0',
    },
  ],
  exports: {
    requestSignal: 'RequestSignal',
    deriveSignal: 'DeriveSignal',
    defineBudgets: 'DefineBudgets',
    withSignal: 'WithSignal',
    currentSignal: 'CurrentSignal',
    detached: 'Detached',
    cancellable: 'Cancellable',
    ctxSignal: 'CtxSignal',
    deadlineSignal: 'RequestSignal',
    SignalInterceptor: 'class CtxSignal',
    withRequestSignal: 'SurroundedRequest',
    withDeadlineSignal: 'SurroundedInvocation',
    withJobSignal: 'SurroundedJob',
    JobSignal: 'SurroundedJob',
  },
  entities: {
    RequestSignal: { call: { derives: 'request', returns: 'web#AbortSignal' } },
    DeriveSignal: { call: { derives: 'arguments', returns: 'web#AbortSignal' } },
    DefineBudgets: { call: {} },
    CurrentSignal: { call: { derives: 'request', returns: 'web#AbortSignal' } },
    WithSignal: { call: { callbacks: [{ arg: 1, params: [] }], returns: 'Promise<arg1()>' } },
    /** Middleware, plugin or interceptor; what calling it gives counts the same. */
    CtxSignal: { call: { returns: 'CtxSignal' } },
    SurroundedRequest: {
      surrounds: true,
      call: { entry: { from: 0, request: 0, params: ['web#Request'] }, returns: 'arg0' },
    },
    SurroundedInvocation: {
      surrounds: true,
      call: {
        entry: { from: 0, request: 1, params: ['any', 'aws-lambda#Context'] },
        returns: 'arg0',
      },
    },
    SurroundedJob: {
      surrounds: true,
      call: {
        entry: { from: 0, request: -1, params: [] },
        returns: 'arg0',
      },
    },
    /** Makes a client heed the surrounding signal, and gives it back. */
    Cancellable: { call: { returns: 'arg0' } },
    Detached: { call: { callbacks: [{ arg: 1, params: [] }], returns: 'Promise<arg1()>' } },
  },
} as const satisfies Library
