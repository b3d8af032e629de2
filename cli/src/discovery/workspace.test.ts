import { relative } from 'node:path'
import { expect, test } from 'vitest'
import { createFolder } from '../testing/workspace.js'
import { findProjects } from './projects.js'
import { joinProjects } from './workspace.js'

const source = { 'index.ts': 'export {}\n', 'tsconfig.json': '{}' }
const manifest = (name: string, dependencies: Readonly<Record<string, string>> = {}) =>
  JSON.stringify({ name, dependencies })

function packages(
  all: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(all).flatMap(([folder, files]) =>
      Object.entries({ ...source, ...files }).map(([name, text]) => [`${folder}/${name}`, text]),
    ),
  )
}

/** The folders of the configurations that make one project. */
function groupsOf(files: Readonly<Record<string, string>>, areAlike = () => true): string[][] {
  const { root } = createFolder(files)
  const projects = findProjects(['.'], { cwd: root })
  return joinProjects(projects, areAlike)
    .map(({ root: own, parts }) => (parts ?? [{ root: own }]).map((each) => each.root))
    .map((folders) => folders.map((each) => relative(root, each)).sort())
    .sort()
}

test.each([
  [
    'packages that know nothing of one another',
    packages({
      api: { 'package.json': manifest('api') },
      web: { 'package.json': manifest('web') },
    }),
    [['api'], ['web']],
  ],
  [
    'a dependency, and one of that',
    packages({
      api: { 'package.json': manifest('api', { '@shop/db': 'workspace:*' }) },
      db: { 'package.json': manifest('@shop/db', { core: '*' }) },
      core: { 'package.json': manifest('core') },
      web: { 'package.json': manifest('web', { react: '*' }) },
    }),
    [['api', 'core', 'db'], ['web']],
  ],
  [
    'a path alias that a shared configuration brings in',
    {
      'package.json': manifest('shop'),
      'tsconfig.base.json': '{ "compilerOptions": { "paths": { "@db/*": ["./libs/db/*"] } } }',
      ...packages({
        'apps/api': { 'tsconfig.json': '{ "extends": "../../tsconfig.base.json" }' },
        'libs/db': {},
        'libs/ui': {},
      }),
    },
    [[''], ['', '']],
  ],
  [
    'project references',
    packages({
      api: {
        'package.json': manifest('api'),
        'tsconfig.json': '{ "references": [{ "path": "../db" }] }',
      },
      db: { 'package.json': manifest('db') },
    }),
    [['api', 'db']],
  ],
])('%s', (_, files, expected) => {
  expect(groupsOf(files)).toEqual(expected)
})

test('projects with settings of their own stay apart', () => {
  const files = packages({
    api: { 'package.json': manifest('api', { db: '*' }) },
    db: { 'package.json': manifest('db') },
  })
  expect(groupsOf(files, () => false)).toEqual([['api'], ['db']])
})

test('each file is of the project that reports it', () => {
  const { root } = createFolder({
    'package.json': manifest('shop'),
    'tsconfig.json': '{}',
    'a.ts': '',
    'tests/tsconfig.json': '{}',
    'tests/b.ts': '',
  })
  const [project, ...others] = joinProjects(findProjects(['.'], { cwd: root }), () => true)
  expect(others).toEqual([])
  expect(project?.root).toBe(root)
  expect(
    project?.parts?.map(({ tsconfig = '', files }) =>
      [tsconfig, ...files].map((each) => relative(root, each)),
    ),
  ).toEqual([
    ['tsconfig.json', 'a.ts'],
    ['tests/tsconfig.json', 'tests/b.ts'],
  ])
})
