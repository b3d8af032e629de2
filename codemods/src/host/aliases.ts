import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parse } from 'jsonc-parser'

/** Names of modules, with `*` for the rest of a name, and the paths that they mean. */
export type Aliases = Readonly<Record<string, string[]>>

interface Tsconfig {
  readonly extends?: string | readonly string[]
  readonly compilerOptions?: {
    readonly baseUrl?: string
    readonly paths?: Readonly<Record<string, readonly string[]>>
  }
}

/**
 * `paths` and `baseUrl` of a tsconfig and of those that it extends, as far as they are there: a base of a
 * package that is not installed must not keep the imports of a whole project from being followed.
 */
export function tsconfigAliases(path: string): { aliases: Aliases; baseUrl?: string } {
  const config = read(path) as Tsconfig | undefined
  const { extends: bases = [], compilerOptions: options = {} } = config ?? {}
  const inherited = (typeof bases === 'string' ? [bases] : bases)
    .filter((each) => /^[./]/.test(each))
    .map((each) => resolve(dirname(path), each.endsWith('.json') ? each : `${each}.json`))
    .filter((each) => each !== path)
    .map(tsconfigAliases)
    .at(-1)
  const baseUrl =
    options.baseUrl === undefined ? inherited?.baseUrl : resolve(dirname(path), options.baseUrl)
  const aliases =
    options.paths === undefined
      ? (inherited?.aliases ?? {})
      : absolute(options.paths, baseUrl ?? dirname(path))
  return { aliases, ...(baseUrl === undefined ? {} : { baseUrl }) }
}

/** What `module-alias` and Babel's `module-resolver` are told in the folder of a package. */
export function scriptAliases(root: string): Aliases {
  const manifest = read(join(root, 'package.json')) as Manifest | undefined
  const babel = [manifest?.babel, ...babelFiles.map((each) => read(join(root, each)) as Babel)]
  const resolver = babel
    .flatMap((each) => each?.plugins ?? [])
    .find((each) => Array.isArray(each) && /^(?:babel-plugin-)?module-resolver$/.test(each[0]))
  const named = { ...manifest?._moduleAliases, ...resolver?.[1]?.alias }
  const paths = Object.entries(named).filter((each) => typeof each[1] === 'string')
  return absolute(Object.fromEntries(paths.map(([name, path]) => [name, [path]])), root)
}

const babelFiles = ['.babelrc', '.babelrc.json', 'babel.config.json']

interface Babel {
  readonly plugins?: readonly (readonly [string, { alias?: Record<string, string> }?])[]
}

interface Manifest {
  readonly _moduleAliases?: Record<string, string>
  readonly babel?: Babel
}

function absolute(paths: Readonly<Record<string, readonly string[]>>, base: string): Aliases {
  return Object.fromEntries(
    Object.entries(paths).map(([name, targets]) => [
      name,
      targets.map((each) => resolve(base, each)),
    ]),
  )
}

function read(path: string): unknown {
  return existsSync(path) ? parse(readFileSync(path, 'utf8')) : undefined
}
