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
    {
      what: 'A file that begins with use client is for the browser; state, effects and classes of components are only there',
      where: 'https://react.dev/reference/rsc/use-client',
      since: '19.0.0',
    },
  ],
  exports: { cache: 'Cache' },
  entities: { Cache: { call: { returns: 'arg0', memoises: true } } },
} as const satisfies Library

/** What says of a file that it is for the browser: the names that react's own export for servers lacks. */
export const clientOnly = {
  directive: 'use client',
  module: 'react',
  names: new Set([
    'Component',
    'PureComponent',
    'createContext',
    'useContext',
    'useDeferredValue',
    'useEffect',
    'useImperativeHandle',
    'useInsertionEffect',
    'useLayoutEffect',
    'useOptimistic',
    'useReducer',
    'useRef',
    'useState',
    'useSyncExternalStore',
    'useTransition',
  ]),
}
