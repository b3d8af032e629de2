import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Workspace } from './workspace.js'

function repository(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'ctx-fix-workspace-'))
  onTestFinished(() => {
    rmSync(root, { recursive: true })
  })
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

const api = 'api/src/app.ts'

/** Where an import of `@shop/db` and what lies below it leads, by the package's manifest and its files. */
function sourceOf(specifier: string, manifest: object, ...names: string[]): string | undefined {
  const root = repository({
    [api]: '',
    'db/package.json': JSON.stringify({ name: '@shop/db', ...manifest }),
    ...Object.fromEntries(names.map((each) => [`db/${each}`, ''])),
  })
  const parts = ['api', 'db'].map((each) => ({ root: join(root, each), files: [] }))
  const found = new Workspace(parts).sourceOf(specifier, join(root, api))
  return found && relative(join(root, 'db'), found)
}

test.each([
  ['main that is a source', '@shop/db', { main: './index.ts' }, ['index.ts'], 'index.ts'],
  [
    'main that is built from src',
    '@shop/db',
    { main: 'dist/index.js' },
    ['src/index.ts'],
    'src/index.ts',
  ],
  [
    'a build that keeps the folder',
    '@shop/db',
    { main: './dist/src/index.js' },
    ['src/index.ts', 'index.ts'],
    'src/index.ts',
  ],
  [
    'exports by conditions',
    '@shop/db',
    { exports: { '.': { types: './dist/esm/client.d.ts', default: './dist/esm/client.mjs' } } },
    ['src/client.ts'],
    'src/client.ts',
  ],
  [
    'exports without subpaths',
    '@shop/db',
    { exports: { import: './lib/main.js' } },
    ['src/main.ts'],
    'src/main.ts',
  ],
  [
    'a pattern in exports',
    '@shop/db/repos/user',
    { exports: { './*': './build/*.js' } },
    ['src/repos/user.ts'],
    'src/repos/user.ts',
  ],
  ['no manifest entry at all', '@shop/db', {}, ['src/index.ts'], 'src/index.ts'],
  ['a file below the folder', '@shop/db/schema', {}, ['schema/index.ts'], 'schema/index.ts'],
  ['nothing there', '@shop/db/none', {}, ['src/index.ts'], undefined],
  [
    'a file of another kind',
    '@shop/db/a.vue',
    { exports: { './*': './src/*' } },
    ['src/a.vue'],
    undefined,
  ],
  ['another package', 'pg', {}, ['src/index.ts'], undefined],
  ['a path', './db', {}, ['src/index.ts'], undefined],
])('%s', (_, specifier, manifest, names, expected) => {
  expect(sourceOf(specifier, manifest, ...names)).toBe(expected)
})

test('a package that is linked, though nobody named its folder', () => {
  const root = repository({
    [api]: '',
    'db/package.json': '{ "main": "dist/index.js" }',
    'db/src/index.ts': '',
    'api/node_modules/pg/index.js': '',
  })
  symlinkSync(join(root, 'db'), join(root, 'api/node_modules/db'), 'junction')
  const workspace = new Workspace([{ root: join(root, 'api'), files: [] }])
  expect(workspace.sourceOf('db', join(root, api))).toMatch(/db[/\\]src[/\\]index\.ts$/)
  expect(workspace.sourceOf('pg', join(root, api))).toBeUndefined()
})
