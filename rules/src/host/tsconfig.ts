import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'

interface Aliases {
  /** Folder that targets are relative to. */
  readonly base: string
  readonly paths: Readonly<Record<string, readonly string[]>>
  readonly hasBaseUrl: boolean
}

const cache = new Map<string, Aliases | undefined>()

/** Places where `paths` or `baseUrl` of the nearest tsconfig lets a specifier lead. */
export function resolveAlias(importer: string, specifier: string): readonly string[] {
  if (specifier.startsWith('node:')) return []
  const aliases = aliasesFor(dirname(importer))
  if (!aliases) return []
  const targets = Object.entries(aliases.paths).flatMap(([pattern, list]) => {
    const rest = matchPattern(pattern, specifier)
    return rest === undefined
      ? []
      : list.map((each) => resolve(aliases.base, each.replace('*', rest)))
  })
  return aliases.hasBaseUrl ? [...targets, join(aliases.base, specifier)] : targets
}

function matchPattern(pattern: string, specifier: string): string | undefined {
  const [before = '', after] = pattern.split('*')
  if (after === undefined) return pattern === specifier ? '' : undefined
  const fits = specifier.startsWith(before) && specifier.endsWith(after)
  return fits ? specifier.slice(before.length, specifier.length - after.length) : undefined
}

/** Kept for the life of the process: an editor is restarted when its tsconfig changes. */
function aliasesFor(folder: string): Aliases | undefined {
  if (cache.has(folder)) return cache.get(folder)
  const own = ['tsconfig.json', 'jsconfig.json']
    .map((name) => readAliases(join(folder, name), 0))
    .find((each) => each !== undefined)
  const parent = dirname(folder)
  const found = own === undefined && parent !== folder ? aliasesFor(parent) : (own ?? undefined)
  cache.set(folder, found)
  return found
}

interface Config {
  readonly extends?: string | readonly string[]
  readonly compilerOptions?: {
    readonly baseUrl?: string
    readonly paths?: Readonly<Record<string, readonly string[]>>
  }
}

/** Undefined where there is no such file; one without aliases ends the search all the same. */
function readAliases(path: string, depth: number): Aliases | undefined {
  const config = readConfig(path)
  if (!config || depth > 5) return undefined
  const folder = dirname(path)
  const { baseUrl, paths } = config.compilerOptions ?? {}
  if (baseUrl !== undefined || paths)
    return {
      base: resolve(folder, baseUrl ?? '.'),
      paths: paths ?? {},
      hasBaseUrl: baseUrl !== undefined,
    }
  for (const parent of [config.extends ?? []].flat()) {
    const target = isAbsolute(parent) ? parent : join(folder, parent)
    const inherited = readAliases(target, depth + 1) ?? readAliases(`${target}.json`, depth + 1)
    if (inherited && Object.keys(inherited.paths).length > 0) return inherited
  }
  return { base: folder, paths: {}, hasBaseUrl: false }
}

function readConfig(path: string): Config | undefined {
  try {
    return JSON.parse(withoutComments(readFileSync(path, 'utf8'))) as Config
  } catch {
    return undefined
  }
}

/** Strings are kept whole: `"@app/*"` holds what begins a comment elsewhere. */
function withoutComments(text: string): string {
  return text
    .replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (token) =>
      token.startsWith('"') ? token : ' ',
    )
    .replace(/,(?=\s*[}\]])/g, '')
}
