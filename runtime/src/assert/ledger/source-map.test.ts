import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { sourceOf } from './source-map.js'

it.each([
  ['beside it', () => undefined, 'dist'],
  ['below a folder', () => '../src', 'src'],
  ['below a folder with a slash at its end', () => '../src/', 'src'],
  ['below an absolute folder', (root: string) => join(root, 'src'), 'src'],
  ['below a URL', (root: string) => pathToFileURL(join(root, 'src')).href, 'src'],
])('leads a compiled place to its source %s', (_, rootOf, folder) => {
  const root = mkdtempSync(join(tmpdir(), 'ctx-fix-source-map-'))
  onTestFinished(() => {
    rmSync(root, { recursive: true })
  })
  const file = join(root, 'dist/a.js')
  mkdirSync(join(root, 'dist'))
  writeFileSync(file, 'f()\n//# sourceMappingURL=a.js.map')
  const map = { version: 3, sourceRoot: rootOf(root), sources: ['a.ts'], mappings: 'AAAA' }
  writeFileSync(`${file}.map`, JSON.stringify({ ...map, names: [] }))
  expect(sourceOf({ file, line: 1, column: 1 })).toEqual({
    file: join(root, folder, 'a.ts'),
    line: 1,
    column: 1,
  })
})
