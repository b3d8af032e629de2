import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'

/** A folder of the program with a configuration of its own: the packages of a workspace are such. */
export interface Part {
  /** The folder of its package. */
  readonly root: string
  /** Undefined for plain JavaScript. */
  readonly tsconfig?: string
  readonly files: readonly string[]
}

/** Where builds are put, beside the sources that they are made of. */
const outputFolders = new Set(['dist', 'build', 'lib', 'out', 'esm', 'cjs', 'types'])
const sourceExtensions = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx']
const builtExtension = /(?:\.d)?\.[cm]?[jt]sx?$/

/**
 * Finds the sources of packages of the same repository by their names: what is imported is often a build
 * that is not there yet, or that says nothing of what its functions do.
 */
export class Workspace {
  readonly #folders = new Map<string, string | undefined>()

  constructor(parts: readonly Part[]) {
    for (const { root } of parts) {
      const { name } = readManifest(root) ?? {}
      if (typeof name === 'string') this.#folders.set(name, root)
    }
  }

  /** The source file that an import means, where it is of a package that is not installed but linked. */
  sourceOf(specifier: string, from: string): string | undefined {
    const [, name, subpath = ''] = /^((?:@[^/]+\/)?[^./@#][^/]*)(?:\/(.+))?$/.exec(specifier) ?? []
    if (name === undefined || name.includes(':')) return undefined
    const folder = this.#folderOf(name, dirname(from))
    return folder === undefined ? undefined : sourceIn(folder, subpath)
  }

  #folderOf(name: string, from: string): string | undefined {
    if (!this.#folders.has(name)) this.#folders.set(name, linkedFolder(name, from))
    return this.#folders.get(name)
  }
}

/** Where a package manager has linked a package to, if that is no installed one. */
function linkedFolder(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const installed = join(folder, 'node_modules', name)
    if (existsSync(installed)) {
      const real = realpathSync(installed)
      return isInstalled(real) ? undefined : real
    }
    if (dirname(folder) === folder) return undefined
  }
}

export function isInstalled(path: string): boolean {
  return path.split(sep).includes('node_modules')
}

function sourceIn(folder: string, subpath: string): string | undefined {
  const manifest = readManifest(folder) ?? {}
  const { exports, main, module, types } = manifest
  const named = subpath === '' ? [main, module, types] : []
  const targets = [...exportTargets(exports, subpath), ...named]
    .filter((each) => typeof each === 'string')
    .flatMap(sourcePaths)
  const bare = subpath === '' ? 'index' : subpath
  const guesses = [`src/${bare}`, bare, `src/${bare}/index`, `${bare}/index`]
  for (const path of [...targets, ...guesses]) {
    const found = sourceFile(resolve(folder, path))
    if (found !== undefined) return found
  }
  return undefined
}

/** The texts under which `exports` gives a subpath, whatever the condition. */
function exportTargets(exports: unknown, subpath: string): string[] {
  const key = subpath === '' ? '.' : `./${subpath}`
  if (typeof exports !== 'object' || exports === null) return key === '.' ? stringsIn(exports) : []
  const entries = Object.entries(exports)
  if (entries.every(([name]) => !name.startsWith('.'))) return key === '.' ? stringsIn(exports) : []
  return entries.flatMap(([name, target]) => {
    if (name === key) return stringsIn(target)
    const [before = '', after = '', ...rest] = name.split('*')
    const fits = name.includes('*') && rest.length === 0 && key.length >= name.length
    if (!fits || !key.startsWith(before) || !key.endsWith(after)) return []
    const part = key.slice(before.length, key.length - after.length)
    return stringsIn(target).map((each) => each.replaceAll('*', part))
  })
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

/** `./dist/esm/db.d.ts` is made of `db`, `src/db` or `esm/db`; what is no build stands for itself. */
function sourcePaths(target: string): string[] {
  const parts = target.replace(/^\.\//, '').replace(builtExtension, '').split('/')
  const paths = [parts.join('/')]
  for (let rest = parts; outputFolders.has(rest[0] ?? '');) {
    rest = rest.slice(1)
    paths.unshift(`src/${rest.join('/')}`, rest.join('/'))
  }
  return paths
}

function sourceFile(path: string): string | undefined {
  return sourceExtensions.map((each) => path + each).find((each) => isFile(each))
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    // Not there, or below what is no folder: `./Dialog.vue/index.ts`.
    return false
  }
}

function readManifest(folder: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
