import type { Library } from './types.js'

export const next = {
  name: 'next',
  kind: 'framework',
  modules: ['next/server'],
  surround: { module: '@ctx-fix/runtime/web', name: 'withRequestSignal', as: 'wrapper' },
  evidence: [
    {
      what: 'Route handlers are exported as GET, POST and so on; NextRequest is a Request of the Fetch API, whose signal aborts when the client disconnects',
      where: 'https://nextjs.org/docs/app/api-reference/file-conventions/route',
      since: '13.2.0',
    },
  ],
  exports: { NextRequest: 'class NextRequest' },
  entities: {
    NextRequest: {
      request: { module: '@ctx-fix/runtime/web' },
      members: { signal: { type: 'web#AbortSignal' } },
    },
  },
} as const satisfies Library
