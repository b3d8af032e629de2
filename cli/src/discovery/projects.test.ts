import { symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFolder, createRepository, type Workspace } from '../testing/workspace.js'
import { findProjects } from './projects.js'

type Files = Readonly<Record<string, string>>

interface Expected {
  readonly root?: string
  readonly tsconfig?: string
  readonly report: readonly string[]
  /** What is analysed beyond what is reported. */
  readonly also?: readonly string[]
}

function find({ root }: Workspace, paths: readonly string[], tsconfig?: string) {
  const toShown = (file: string) => relative(root, file) || '.'
  return findProjects(paths, { cwd: root, tsconfig }).map((project) => ({
    root: toShown(project.root),
    ...(project.tsconfig && { tsconfig: toShown(project.tsconfig) }),
    report: project.report.map(toShown),
    also: project.files.filter((file) => !project.report.includes(file)).map(toShown),
  }))
}

const anything = { 'tsconfig.json': '{}' }

const cases: [situation: string, files: Files, paths: string[], expected: Expected[]][] = [
  [
    'every source extension, declarations only to be read, no dependencies, nothing else',
    {
      ...anything,
      ...empty('a.ts', 'b.tsx', 'c.mts', 'd.cts', 'e.js', 'f.jsx', 'g.mjs', 'h.cjs'),
      ...empty('x.d.ts', 'x.d.mts', 'x.d.css.ts', 'node_modules/m/i.js', 'README.md', 'x.json'),
    },
    ['.'],
    [
      {
        tsconfig: 'tsconfig.json',
        report: ['a.ts', 'b.tsx', 'c.mts', 'd.cts', 'e.js', 'f.jsx', 'g.mjs', 'h.cjs'],
        also: ['x.d.css.ts', 'x.d.mts', 'x.d.ts'],
      },
    ],
  ],
  [
    'a tsconfig that extends one of a package that is not installed',
    {
      'tsconfig.json': '{ "extends": "@tsconfig/node20", "include": ["src"] }',
      'test/tsconfig.json': '{ "extends": "../tsconfig.json", "include": ["."] }',
      ...empty('src/a.ts', 'test/b.ts'),
    },
    ['src', 'test'],
    [
      { tsconfig: 'tsconfig.json', report: ['src/a.ts'], also: ['test/b.ts'] },
      { root: 'test', tsconfig: 'test/tsconfig.json', report: ['test/b.ts'] },
    ],
  ],
  [
    'what the compiler has written, though it is in git and `exclude` leaves it out only by default',
    {
      'tsconfig.json':
        '{ "compilerOptions": { "outDir": "./dist" }, "include": ["src"], "exclude": ["node_modules"] }',
      'package.json': '{}',
      ...empty('src/a.ts', 'dist/a.js', 'scripts/b.js'),
    },
    ['.'],
    [{ tsconfig: 'tsconfig.json', report: ['scripts/b.js', 'src/a.ts'], also: ['dist/a.js'] }],
  ],
  [
    'bundles that are kept in the repository',
    {
      'package.json': '{}',
      ...empty('app.js', 'public/jquery.min.js', 'public/swagger-ui-min.js'),
      'public/bundle.js': `${'!function(){var a=0;a++}();'.repeat(3000)}\n`,
      'long.js': 'module.exports = 1 // as people write it\n'.repeat(2000),
    },
    ['.'],
    [{ report: ['app.js', 'long.js'] }],
  ],
  [
    'what tools keep in hidden folders',
    { ...anything, ...empty('a.ts', '.yarn/releases/yarn.cjs', '.next/server/app.js') },
    ['.'],
    [{ tsconfig: 'tsconfig.json', report: ['a.ts'], also: [] }],
  ],
  [
    'scripts beside the TypeScript that is all the tsconfig includes, but for what it excludes',
    {
      'tsconfig.json': JSON.stringify({ include: ['**/*.ts'], exclude: ['node_modules', 'out'] }),
      'package.json': '{}',
      ...empty('app.js', 'api/users.js', 'src/a.ts', 'out/a.js'),
    },
    ['.'],
    [
      {
        tsconfig: 'tsconfig.json',
        report: ['api/users.js', 'app.js', 'src/a.ts'],
        also: ['out/a.js'],
      },
    ],
  ],
  [
    'what .gitignore leaves in, at any depth',
    {
      ...anything,
      '.gitignore': 'dist/\n*.gen.ts\n!kept.gen.ts\n',
      'src/.gitignore': '/local.ts\n',
      ...empty(
        'src/a.ts',
        'src/local.ts',
        'src/in/local.ts',
        'dist/a.js',
        'src/b.gen.ts',
        'kept.gen.ts',
      ),
    },
    ['.'],
    [{ tsconfig: 'tsconfig.json', report: ['kept.gen.ts', 'src/a.ts', 'src/in/local.ts'] }],
  ],
  [
    'a folder of a project: the rest is analysed',
    { ...anything, ...empty('src/a.ts', 'lib/b.ts') },
    ['src/'],
    [{ tsconfig: 'tsconfig.json', report: ['src/a.ts'], also: ['lib/b.ts'] }],
  ],
  [
    'a file of a project, and a file that is no source beside it',
    { ...anything, ...empty('src/a.ts', 'lib/b.ts', 'README.md') },
    ['src/a.ts', 'README.md'],
    [{ tsconfig: 'tsconfig.json', report: ['src/a.ts'], also: ['lib/b.ts'] }],
  ],
  [
    'a folder stands for what the tsconfig covers; JavaScript needs no allowJs for that',
    { 'tsconfig.json': '{ "include": ["src"] }', ...empty('src/a.ts', 'src/b.js', 'test/a.ts') },
    ['.'],
    [{ tsconfig: 'tsconfig.json', report: ['src/a.ts', 'src/b.js'], also: ['test/a.ts'] }],
  ],
  [
    'a file named by itself is reported although the tsconfig does not cover it',
    { 'tsconfig.json': '{ "include": ["src"] }', ...empty('src/a.ts', 'test/a.ts') },
    ['test/a.ts'],
    [{ tsconfig: 'tsconfig.json', report: ['test/a.ts'], also: ['src/a.ts'] }],
  ],
  [
    'references of a tsconfig without files of its own',
    {
      'tsconfig.json':
        '{ "files": [], "references": [{ "path": "tsconfig.app.json" }, { "path": "e2e" }] }',
      'tsconfig.app.json': '{ "include": ["src"], "references": [{ "path": "." }] }',
      'e2e/tsconfig.json': '{}',
      ...empty('src/a.ts', 'e2e/b.ts'),
    },
    ['.'],
    [
      { root: 'e2e', tsconfig: 'e2e/tsconfig.json', report: ['e2e/b.ts'] },
      { tsconfig: 'tsconfig.app.json', report: ['src/a.ts'], also: ['e2e/b.ts'] },
    ],
  ],
  [
    'packages of a monorepo: one project each, the root without them',
    {
      ...anything,
      'package.json': '{}',
      ...createPackage('packages/api'),
      ...createPackage('packages/web'),
      ...empty('scripts/x.ts', 'packages/api/a.ts', 'packages/web/b.ts'),
    },
    ['.'],
    [
      {
        root: 'packages/api',
        tsconfig: 'packages/api/tsconfig.json',
        report: ['packages/api/a.ts'],
      },
      {
        root: 'packages/web',
        tsconfig: 'packages/web/tsconfig.json',
        report: ['packages/web/b.ts'],
      },
      { tsconfig: 'tsconfig.json', report: ['scripts/x.ts'] },
    ],
  ],
  [
    'a stray TypeScript file at the root of a monorepo that has no tsconfig there',
    { 'package.json': '{}', ...createPackage('api'), ...empty('vitest.config.ts', 'api/a.ts') },
    ['.'],
    [{ root: 'api', tsconfig: 'api/tsconfig.json', report: ['api/a.ts'] }],
  ],
  [
    'a plain JavaScript package in a monorepo whose tsconfig does not cover it',
    {
      'package.json': '{}',
      'tsconfig.json': '{ "files": [], "references": [{ "path": "api" }] }',
      ...createPackage('api'),
      'old/package.json': '{}',
      ...empty('api/a.ts', 'old/b.js'),
    },
    ['.'],
    [
      { root: 'api', tsconfig: 'api/tsconfig.json', report: ['api/a.ts'] },
      { root: 'old', report: ['old/b.js'] },
    ],
  ],
  [
    'plain JavaScript: the package around it',
    { 'package.json': '{}', ...empty('lib/a.js', 'bin/b.cjs') },
    ['lib'],
    [{ report: ['lib/a.js'], also: ['bin/b.cjs'] }],
  ],
]

describe.each([
  ['git', createRepository],
  ['no git', createFolder],
])('with %s', (_where, create) => {
  it.each(cases)('%s', (_situation, files, paths, expected) => {
    expect(find(create(files), paths)).toEqual(
      expected.map((one) => ({ root: '.', also: [], ...one })),
    )
  })
})

describe('with git', () => {
  it('a file that is not tracked yet is found, one that is deleted is not', () => {
    const workspace = createRepository({ ...anything, ...empty('a.ts', 'b.ts') })
    workspace.git('rm', '-q', '--cached', 'a.ts')
    workspace.git('rm', '-q', 'b.ts')
    expect(find(workspace, ['.'])).toMatchObject([{ report: ['a.ts'] }])
  })

  it('a file that is named but ignored is left out', () => {
    const workspace = createRepository({
      ...anything,
      '.gitignore': 'gen/',
      ...empty('a.ts', 'gen/b.ts'),
    })
    expect(find(workspace, ['a.ts', 'gen/b.ts'])).toMatchObject([{ report: ['a.ts'], also: [] }])
    expect(() => find(workspace, ['gen/b.ts'])).toThrow('no source files in gen/b.ts')
  })

  it('symbolic links are not followed', () => {
    const workspace = createRepository({ ...anything, ...empty('src/a.ts') })
    symlinkSync(join(workspace.root, 'src/a.ts'), join(workspace.root, 'link.ts'))
    expect(find(workspace, ['.'])).toMatchObject([{ report: ['src/a.ts'] }])
    expect(() => find(workspace, ['link.ts'])).toThrow(
      'link.ts is a symbolic link: name what it points to',
    )
  })
})

describe('--tsconfig', () => {
  const files = {
    'tsconfig.json': '{ "include": ["src"] }',
    'tsconfig.test.json': '{ "include": ["test", "src"] }',
    ...empty('src/a.ts', 'test/b.ts'),
  }

  it('is the one project', () => {
    const [project, ...more] = find(createRepository(files), ['test'], 'tsconfig.test.json')
    expect(project).toEqual({
      root: '.',
      tsconfig: 'tsconfig.test.json',
      report: ['test/b.ts'],
      also: ['src/a.ts'],
    })
    expect(more).toEqual([])
  })

  it('may lie beside what it covers', () => {
    const workspace = createRepository({
      'package.json': '{}',
      'config/tsconfig.json': '{ "include": ["../src"] }',
      ...empty('src/a.ts', 'src/b.ts', 'test/c.ts'),
    })
    expect(find(workspace, ['src/a.ts'], 'config/tsconfig.json')).toMatchObject([
      { root: '.', report: ['src/a.ts'], also: ['src/b.ts'] },
    ])
  })

  it('covers what is asked for, or says so', () => {
    expect(() => find(createRepository(files), ['test'], 'tsconfig.json')).toThrow(
      'tsconfig.json covers none of the files in test',
    )
  })
})

describe('what cannot be', () => {
  const failures: [situation: string, files: Files, paths: string[], message: string][] = [
    [
      'TypeScript without a tsconfig, beside a plain JavaScript file',
      empty('src/a.ts', 'eslint.config.js'),
      ['.'],
      'no tsconfig.json in the folder of src/a.ts or above: add one, or name it with --tsconfig',
    ],
    [
      'a folder that its tsconfig leaves out',
      { 'tsconfig.json': '{ "include": ["src"] }', ...empty('test/a.ts', 'test/b.ts', 'src/a.ts') },
      ['test'],
      'tsconfig.json does not cover test/a.ts and 1 more: name the files themselves, or another configuration with --tsconfig',
    ],
    [
      'a tsconfig that extends a missing one',
      { 'tsconfig.json': '{ "extends": "./base.json" }', ...empty('a.ts') },
      ['.'],
      "tsconfig.json cannot be read: File './base.json' not found.",
    ],
    ['an empty folder', { 'src/readme.md': '' }, ['src'], 'no source files in src'],
  ]
  it.each(failures)('%s', (_situation, files, paths, message) => {
    expect(() => find(createFolder(files), paths)).toThrow(message)
  })
})

function empty(...files: readonly string[]): Files {
  return Object.fromEntries(files.map((file) => [file, '']))
}

function createPackage(folder: string): Files {
  return { [`${folder}/package.json`]: '{}', [`${folder}/tsconfig.json`]: '{}' }
}
