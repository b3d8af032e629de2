import { statSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { resolveAlias } from './tsconfig.js'

const written = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs']
/** TypeScript writes the extension of what it emits. */
const emitted: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx', '.js', '.jsx'],
  '.jsx': ['.tsx', '.jsx'],
  '.mjs': ['.mts', '.mjs'],
  '.cjs': ['.cts', '.cjs'],
}

/** The own file that a specifier means, or undefined where it leaves the program. */
export function resolveModule(importer: string, specifier: string): string | undefined {
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) return findModule(join(dirname(importer), specifier))
  for (const target of resolveAlias(importer, specifier)) {
    const found = findModule(target)
    if (found !== undefined) return found
  }
  return undefined
}

/** What a path was found to mean: most files are imported by several. */
const known = new Map<string, string | undefined>()

/** Files have come or gone, or may have. */
export function forgetModules(): void {
  known.clear()
}

function findModule(target: string): string | undefined {
  if (known.has(target)) return known.get(target)
  const found = searchModule(target)
  known.set(target, found)
  return found
}

function searchModule(target: string): string | undefined {
  const extension = /\.[cm]?[jt]sx?$/.exec(target)?.[0]
  if (extension !== undefined) {
    const stem = target.slice(0, -extension.length)
    const found = firstFile((emitted[extension] ?? [extension]).map((each) => stem + each))
    if (found !== undefined) return found
  }
  return firstFile([
    ...written.map((each) => target + each),
    ...written.map((each) => join(target, `index${each}`)),
  ])
}

function firstFile(paths: readonly string[]): string | undefined {
  return paths.find((path) => statsOf(path)?.isFile() === true)
}

/** Undefined also where a file stands in the place of a folder: `./package.json` is no package. */
export function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
