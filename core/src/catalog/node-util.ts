import type { Library } from './types.js'

export const util = {
  name: 'node:util',
  kind: 'platform',
  modules: ['node:util', 'util'],
  evidence: [
    {
      what: 'promisify(execFile) takes the arguments of execFile, its options with the signal among them',
      where: 'https://nodejs.org/api/util.html#utilpromisifyoriginal',
      since: 'Node 8.0.0',
    },
  ],
  exports: { promisify: 'Promisify', default: 'module', 'export=': 'module' },
  entities: { Promisify: { call: { promisifies: true } } },
} as const satisfies Library
