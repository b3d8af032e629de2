import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runBin } from './testing/bin.js'
import {
  inFolder,
  sampleApp,
  sampleManifest,
  sampleSources,
  sampleTsconfig,
} from './testing/sample-app.js'
import { createFolder, createRepository } from './testing/workspace.js'

describe('how a project may be laid out', () => {
  it('one file is named: the chain runs through all, and that file alone is changed', () => {
    const { root, git } = createRepository(sampleApp)
    const { stdout } = runBin(root, 'check', 'src/app.ts')
    expect(stdout).toContain('findUser → pool.query (src/users.ts:4)')
    runBin(root, 'src/users.ts')
    expect(git('diff', '--name-only')).toBe('src/users.ts\n')
  })

  it('plain JavaScript without a tsconfig', () => {
    const { root, read } = createRepository({
      'package.json': '{ "dependencies": { "express": "5", "pg": "8", "@ctx-fix/runtime": "0" } }',
      'db.js': "const { Pool } = require('pg')\n\nmodule.exports = { pool: new Pool() }\n",
      'app.js': `const express = require('express')
const { pool } = require('./db')

const app = express()

app.get('/users', async (req, res) => {
  res.json(await pool.query('SELECT 1'))
})
`,
    })
    expect(runBin(root, 'check').status).toBe(1)
    expect(runBin(root)).toMatchObject({ status: 0, stderr: '' })
    expect(read('app.js')).toContain("pool.query({ text: 'SELECT 1', signal })")
    expect(read('app.js')).toContain(
      "const { requestSignal } = require('@ctx-fix/runtime/express')",
    )
    expect(runBin(root, 'check').status).toBe(0)
  })

  const query = "const { Pool } = require('pg')\nconst pool = new Pool()\n"
  const plainPackage = (more: string) =>
    `{ "dependencies": { "express": "5", "fastify": "5", "pg": "8" }${more} }`

  it('plugins of fastify that register plugins by require(), and routes from a list', () => {
    const { root } = createRepository({
      'package.json': plainPackage(''),
      'app.js': "const app = require('fastify')()\napp.register(require('./routes'))\n",
      'routes.js': `const { list, requireUser } = require('./users')
const routes = [{ method: 'GET', url: '/users', preHandler: [requireUser('a')], handler: list }]
module.exports = (fastify, options, next) => {
  fastify.register(require('./orders'))
  routes.forEach((route) => {
    fastify.route(route)
  })
  next()
}
`,
      'orders.js': `${query}module.exports = async (fastify) => {
  fastify.get('/', async () => pool.query('SELECT 1'))
  const one = { method: 'GET', url: '/:id', handler: async () => pool.query('SELECT 2') }
  fastify.route(one)
}
`,
      'users.js': `${query}exports.list = async (request) => pool.query('SELECT 3')
exports.requireUser = (role) => async (request) => {
  request.user = await pool.query('SELECT 4')
}
`,
    })
    expect(runBin(root, 'check').stdout).toContain('entry points  4, of which 4 reach such a call')
  })

  it.each([
    ['module-alias', { 'package.json': plainPackage(', "_moduleAliases": { "@db": "./data" }') }],
    [
      "Babel's module-resolver",
      {
        'package.json': plainPackage(''),
        '.babelrc': '{ "plugins": [["module-resolver", { "alias": { "@db": "./data" } }]] }',
      },
    ],
    [
      'a jsconfig',
      {
        'package.json': plainPackage(''),
        'jsconfig.json': '{ "compilerOptions": { "paths": { "@db": ["./data"] } } }',
      },
    ],
    [
      'a tsconfig with a base that is not installed',
      {
        'package.json': plainPackage(''),
        'tsconfig.json':
          '{ "extends": "@tsconfig/node20", "compilerOptions": { "allowJs": true, "paths": { "@db": ["./data"] } } }',
      },
    ],
  ])('modules under names of the project by %s', (_, files) => {
    const { root } = createRepository({
      ...files,
      'data/index.js': `${query}module.exports = pool\n`,
      'app.js': `const express = require('express')
const db = require('@db')
express().get('/', async (req, res) => res.json(await db.query('SELECT 1')))
`,
    })
    expect(runBin(root, 'check').stdout).toContain('entry points  1, of which 1 reach such a call')
  })

  it('a package of a monorepo, named from its root', () => {
    const { root, git, read } = createRepository({
      'package.json': '{ "workspaces": ["packages/*"] }',
      ...inFolder('packages/api', sampleApp),
      ...inFolder('packages/web', sampleApp),
    })
    const { status, stdout } = runBin(root, 'packages/api/src')
    expect(stdout).toContain('✔ 0 findings')
    expect(status).toBe(0)
    expect(git('diff', '--name-only').trim().split('\n')).toEqual([
      'packages/api/src/app.ts',
      'packages/api/src/db.ts',
      'packages/api/src/users.ts',
    ])
    expect(read('packages/web/src/app.ts')).toBe(sampleApp['src/app.ts'])
  })

  it('all packages of a monorepo: written together or not at all', () => {
    const { root, git, write } = createRepository({
      'package.json': '{ "workspaces": ["packages/*"] }',
      ...inFolder('packages/api', sampleApp),
      ...inFolder('packages/web', sampleApp),
    })
    write({ 'packages/web/src/app.ts': `${String(sampleApp['src/app.ts'])}// mine\n` })
    const { stderr } = runBin(root, 'packages')
    expect(stderr).toMatch(/^ctx-fix: uncommitted changes in packages\/web\/src\/app\.ts/)
    expect(git('diff', '--name-only')).toBe('packages/web/src/app.ts\n')
    expect(runBin(root, '--allow-dirty', 'packages').status).toBe(0)
    expect(git('diff', '--name-only').trim().split('\n')).toHaveLength(6)
  })

  it('a handler in one package, the query in another that it imports by name', () => {
    const { root, read, git } = createRepository({
      'package.json': '{ "workspaces": ["apps/*", "packages/*"] }',
      'apps/api/package.json': JSON.stringify({
        type: 'module',
        dependencies: { express: '5', '@shop/db': 'workspace:*', '@ctx-fix/runtime': '0' },
      }),
      'apps/api/tsconfig.json': sampleTsconfig,
      'apps/api/src/app.ts': `import express from 'express'
import { findUser } from '@shop/db/users'

export const app = express()

app.get('/users/:id', async (req, res) => {
  res.json(await findUser(req.params.id))
})
`,
      'packages/db/package.json': JSON.stringify({
        name: '@shop/db',
        type: 'module',
        // Built later, or never where this runs.
        exports: { './*': { types: './dist/*.d.ts', default: './dist/*.js' } },
        dependencies: { pg: '8' },
      }),
      'packages/db/tsconfig.json': sampleTsconfig,
      'packages/db/src/db.ts': String(sampleApp['src/db.ts']),
      'packages/db/src/users.ts': String(sampleApp['src/users.ts']),
      'packages/db/src/users.test.ts':
        "import { findUser } from './users.js'\n\nvoid findUser('1')\n",
    })
    const { stdout } = runBin(root, 'check', '--reporter', 'json')
    const { sinks } = JSON.parse(stdout) as { sinks: unknown[] }
    expect(sinks).toMatchObject([
      {
        file: 'packages/db/src/users.ts',
        line: 4,
        entryPoints: ['GET /users/:id (apps/api/src/app.ts:6)'],
      },
    ])
    expect(runBin(root)).toMatchObject({ status: 0 })
    expect(read('packages/db/src/users.ts')).toContain('id: string, signal?: AbortSignal')
    expect(read('apps/api/src/app.ts')).toContain('findUser(req.params.id, signal)')
    expect(git('diff', '--name-only').trim().split('\n')).toHaveLength(3)
    // The one package alone: what it imports is read, and neither reported nor changed.
    expect(runBin(root, 'check', 'apps/api')).toMatchObject({ status: 0 })
  })

  it('project references: a tsconfig without files of its own', () => {
    const { root, read } = createRepository({
      'package.json': sampleManifest,
      'tsconfig.json': '{ "files": [], "references": [{ "path": "tsconfig.app.json" }] }',
      'tsconfig.app.json': sampleTsconfig,
      ...sampleSources,
    })
    const outcome = runBin(root)
    expect(outcome.status).toBe(0)
    // Found above the project, but no dependency of it.
    expect(outcome.stderr).toContain('npm install @ctx-fix/runtime')
    expect(read('src/users.ts')).toContain('signal?: AbortSignal')
  })

  it('a tsconfig beside the sources', () => {
    const { root, read } = createRepository({
      'package.json': sampleManifest,
      'config/tsconfig.json': sampleTsconfig.replace('"src"', '"../src"'),
      ...sampleSources,
    })
    expect(runBin(root, '--tsconfig', 'config/tsconfig.json')).toMatchObject({ status: 0 })
    expect(read('src/users.ts')).toContain('signal?: AbortSignal')
  })
})

describe('the settings', () => {
  it('testGlobs start from the folder of their file', () => {
    const { root } = createRepository({
      ...inFolder('api', sampleApp),
      'ctx-fix.config.json': '{ "testGlobs": ["api/src/**"] }',
    })
    expect(runBin(root, 'check', 'api')).toMatchObject({ status: 0 })
  })

  it('libraries: a wrapper of one’s own is a sink', () => {
    const library = {
      name: 'own-db',
      kind: 'database',
      modules: ['own-db'],
      exports: { db: 'Db' },
      entities: {
        Db: { members: { run: { sink: { carriers: [{ kind: 'wrap' }], effect: 'cancels' } } } },
      },
    }
    const { root } = createRepository({
      'package.json': '{}',
      'tsconfig.json': '{}',
      'a.ts': "import { db } from 'own-db'\n\nexport const all = () => db.run('SELECT 1')\n",
      'ctx-fix.config.json': JSON.stringify({ libraries: [library] }),
    })
    const { status, stdout } = runBin(root, 'check')
    expect(stdout).toContain('own-db (1 call)')
    expect(status).toBe(1)
  })

  it('the example of the README', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const example = /```json\n([^]+?)```/.exec(readme)?.[1] ?? ''
    const { root } = createRepository({ ...sampleApp, 'ctx-fix.config.json': example })
    expect(runBin(root, 'check')).toMatchObject({ status: 1, stderr: '' })
  })

  it('noSignalInScope', () => {
    const { root } = createRepository({
      'package.json': sampleManifest,
      'tsconfig.json': '{}',
      'db.ts': sampleApp['src/db.ts'] ?? '',
      'a.js':
        "import { pool } from './db.js'\n\nexport const all = (stop) => pool.query('SELECT 1')\n",
      'ctx-fix.config.json': '{ "noSignalInScope": "off" }',
    })
    expect(runBin(root, 'check').status).toBe(0)
    expect(runBin(root, 'check', '--no-signal-in-scope', 'report').status).toBe(1)
  })

  it('signalNames: a parameter of that name is a signal, where no type says so', () => {
    const { root } = createFolder({
      'package.json': '{}',
      'db.js': "const { Pool } = require('pg')\n\nmodule.exports = { pool: new Pool() }\n",
      'a.js':
        "const { pool } = require('./db')\n\nexports.all = (halt) => pool.query('SELECT 1')\n",
      'ctx-fix.config.json': '{ "noSignalInScope": "off" }',
      'halt.json': '{ "noSignalInScope": "off", "signalNames": ["halt"] }',
    })
    expect(runBin(root, 'check').status).toBe(0)
    expect(runBin(root, 'check', '--config', 'halt.json').status).toBe(1)
  })
})

describe('the runtime is not installed', () => {
  it.each([
    ['package-lock.json', 'npm install @ctx-fix/runtime'],
    ['pnpm-lock.yaml', 'pnpm add @ctx-fix/runtime'],
    ['yarn.lock', 'yarn add @ctx-fix/runtime'],
  ])('%s: %s', (lockFile, command) => {
    // Outside this repository, whose node_modules has the runtime.
    const { root } = createFolder({ ...sampleApp, [lockFile]: '' })
    const { stderr } = runBin(root, '--no-verify', '--dry-run')
    expect(stderr).toBe(
      `ctx-fix: The edits import @ctx-fix/runtime, which is not installed yet: ${command}\n`,
    )
  })

  it('in a package below the lock file', () => {
    const { root } = createFolder({ ...inFolder('packages/api', sampleApp), 'pnpm-lock.yaml': '' })
    const { stderr } = runBin(root, '--no-verify', '--dry-run', 'packages/api')
    expect(stderr).toMatch(/: pnpm add @ctx-fix\/runtime \(in packages\/api\)\n$/)
  })
})
