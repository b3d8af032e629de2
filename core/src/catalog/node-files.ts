import { local, waiting } from './platform.js'
import type { Library } from './types.js'

/** `readFile(path, 'utf8')` */
const encoded = { text: 'encoding' }

export const fsPromises = {
  name: 'node:fs/promises',
  kind: 'platform',
  modules: ['node:fs/promises', 'fs/promises'],
  evidence: [
    {
      what: 'readFile(path, { signal }) and writeFile(path, data, { signal }) stop between two chunks; watch(path, { signal }) ends',
      where: 'https://nodejs.org/api/fs.html#fspromisesreadfilepath-options',
      since: 'Node 15.2.0',
    },
  ],
  exports: { readFile: 'Read', writeFile: 'Write', watch: 'Watch', default: 'module' },
  entities: {
    Read: { call: { sink: local(1, encoded), returns: 'Promise<any>' } },
    Write: { call: { sink: local(2, encoded), returns: 'Promise<any>' } },
    Watch: { call: { sink: local(1), returns: 'any' } },
  },
} as const satisfies Library

/** `import { promises as fs } from 'node:fs'`: the same functions, as members. */
export const fs = {
  name: 'node:fs',
  kind: 'platform',
  modules: ['node:fs', 'fs'],
  evidence: [
    {
      what: 'fs.promises has what node:fs/promises exports',
      where: 'https://nodejs.org/api/fs.html#promises-api',
      since: 'Node 14.0.0',
    },
  ],
  exports: { promises: 'Promises', default: 'module', 'export=': 'module' },
  entities: {
    Promises: {
      members: {
        readFile: { sink: local(1, encoded), returns: 'Promise<any>' },
        writeFile: { sink: local(2, encoded), returns: 'Promise<any>' },
        watch: { sink: local(1), returns: 'any' },
      },
    },
  },
} as const satisfies Library

export const readlinePromises = {
  name: 'node:readline/promises',
  kind: 'platform',
  modules: ['node:readline/promises', 'readline/promises'],
  evidence: [
    {
      what: 'question(query, { signal }) of an interface is given up when it aborts',
      where: 'https://nodejs.org/api/readline.html#rlquestionquery-options',
      since: 'Node 17.0.0',
    },
  ],
  exports: {
    createInterface: 'Create',
    Interface: 'class Interface',
    default: 'module',
  },
  entities: {
    Create: { call: { returns: 'Interface' } },
    Interface: { members: { question: { sink: waiting(1), returns: 'Promise<any>' } } },
  },
} as const satisfies Library
