import { lstatSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../usage-error.js'
import { dropIgnored, listSources } from './list-sources.js'
import { isSourceFile } from './source-file.js'

export interface GivenSources {
  /** Named one by one, as lint-staged does: taken whatever the tsconfig covers. */
  readonly named: readonly string[]
  /** Found in a folder. */
  readonly found: readonly string[]
}

/** Turns the paths of the command line into source files. */
export function readGivenPaths(paths: readonly string[], cwd: string): GivenSources {
  const named: string[] = []
  const found: string[] = []
  for (const path of paths) {
    const absolute = resolve(cwd, path)
    const stats = lstatSync(absolute, { throwIfNoEntry: false })
    if (!stats) throw new UsageError(`${path}: no such file or folder`)
    if (stats.isSymbolicLink()) {
      throw new UsageError(`${path} is a symbolic link: name what it points to instead`)
    }
    if (stats.isDirectory()) found.push(...listSources(absolute))
    // A shell's glob brings other files along: they are skipped.
    else if (isSourceFile(absolute)) named.push(absolute)
  }
  const given = { named: dropIgnored(named), found }
  if (given.named.length + given.found.length === 0) {
    throw new UsageError(
      `no source files in ${paths.join(', ')}: looked for .ts, .tsx, .mts, .cts, .js, .jsx, .mjs and .cjs ` +
        'outside node_modules that .gitignore does not leave out',
    )
  }
  return given
}
