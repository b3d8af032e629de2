import type { Library } from './types.js'

export const react = {
  name: 'react',
  kind: 'platform',
  modules: ['react'],
  evidence: [
    {
      what: 'cache(fn) gives a function that calls fn once for the same arguments while one request is rendered',
      where: 'https://react.dev/reference/react/cache',
      since: '19.0.0',
    },
  ],
  exports: { cache: 'Cache' },
  entities: { Cache: { call: { returns: 'arg0', memoises: true } } },
} as const satisfies Library
