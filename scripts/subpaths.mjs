/**
 * Around packing the runtime, a folder for each subpath that can be required: `pg/package.json`, which leads to the
 * file. Resolvers that do not read `exports` (Jest before 28, webpack 4) look for a folder of that name.
 *
 *   node subpaths.mjs write | remove   in the folder of the package
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))
const subpaths = Object.entries(exports).filter(([name, each]) => name !== '.' && each.require)

for (const [name] of subpaths) rmSync(name.split('/')[1], { recursive: true, force: true })
if (process.argv[2] === 'write')
  for (const [name, { require }] of subpaths) {
    const manifest = {
      main: posix.relative(name, require.default),
      types: posix.relative(name, require.types),
    }
    mkdirSync(name, { recursive: true })
    writeFileSync(join(name, 'package.json'), `${JSON.stringify(manifest)}\n`)
  }
