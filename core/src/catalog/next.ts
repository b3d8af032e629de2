import type { Entry, Library } from './types.js'

const runtime = '@ctx-fix/runtime/next'
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** Called with no request: the runtime knows which one is being answered. */
const withoutRequest: Entry = { from: 0, request: -1, params: [] }

/** The extensions that a page may have. */
const script = '\\.[jt]sx?$'

export const next = {
  name: 'next',
  kind: 'framework',
  modules: ['next/server', 'next', 'next/cache'],
  surround: { module: runtime, name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'Route handlers are exported as GET, POST and so on; NextRequest is a Request of the Fetch API, whose signal aborts when the client disconnects',
      where: 'https://nextjs.org/docs/app/api-reference/file-conventions/route',
      since: '13.2.0',
    },
    {
      what: 'The default export of pages/api/** is called with the request and the response of node:http',
      where: 'https://nextjs.org/docs/pages/building-your-application/routing/api-routes',
      since: '9.0.0',
    },
    {
      what: 'Functions of a file, or functions, that begin with use server are called by the client, without a request',
      where: 'https://nextjs.org/docs/app/api-reference/directives/use-server',
      since: '14.0.0',
    },
    {
      what: 'The default export of page, layout, template and default below app is rendered on the server, unless the file begins with use client; generateMetadata beside it runs there too',
      where: 'https://nextjs.org/docs/app/api-reference/file-conventions/page',
      since: '13.4.0',
    },
    {
      what: 'An async function is a component of the server: the client renders none',
      where: 'https://nextjs.org/docs/messages/no-async-client-component',
      since: '13.4.0',
    },
  ],
  exports: { NextRequest: 'class NextRequest' },
  exportsOf: {
    'next/cache': { unstable_cache: 'Cached' },
    next: {
      NextApiRequest: 'class PagesRequest',
      NextApiResponse: 'class Response',
      NextApiHandler: 'class PagesHandler',
      GetServerSidePropsContext: 'class PropsContext',
      GetServerSideProps: 'class PropsHandler',
    },
  },
  conventions: {
    packages: ['next'],
    calls: [
      {
        files: `(?:^|/)app/(?:(?<route>.*)/)?route${script}`,
        exports: methods,
        entry: { from: 0, request: 0, params: ['web#Request'] },
        library: 'web',
      },
      {
        files: `(?:^|/)pages/(?<route>api/.*)${script}`,
        exports: ['default'],
        entry: { from: 0, request: 0, params: ['PagesRequest', 'Response'] },
      },
      {
        files: `(?:^|/)pages/(?<route>.*)\\.[jt]sx?$`,
        exports: ['getServerSideProps'],
        entry: { from: 0, request: 0, params: ['PropsContext'] },
      },
      { directive: 'use server', exports: ['*'], entry: withoutRequest },
      {
        files: `(?:^|/)app/(?:(?<route>.*)/)?(?:page|layout|template|default)${script}`,
        unless: 'use client',
        exports: ['default', 'generateMetadata'],
        entry: withoutRequest,
      },
      {
        files: '\\.[jt]sx$',
        unless: 'use client',
        exports: [],
        components: true,
        entry: withoutRequest,
      },
    ],
  },
  entities: {
    /** Calls the function that it is given, or gives what that gave before. */
    Cached: { call: { returns: 'arg0', memoises: true } },
    /** What is called with no request. */
    Invocation: { request: { module: runtime, optional: true } },
    NextRequest: {
      request: { module: '@ctx-fix/runtime/web' },
      members: { signal: { type: 'web#AbortSignal' } },
    },
    PagesRequest: { request: { module: runtime, named: 'req', behind: 'res' } },
    Response: {},
    PagesHandler: {
      handler: { from: 0, request: 0, params: ['PagesRequest', 'Response'] },
    },
    PropsContext: {
      request: { module: runtime, named: 'context', part: 'req', optional: true },
      members: { req: { type: 'PagesRequest' } },
    },
    PropsHandler: { handler: { from: 0, request: 0, params: ['PropsContext'] } },
  },
} as const satisfies Library
