import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FileFacts, Links } from '@ctx-fix/core'
import { parseTsconfig } from 'get-tsconfig'
import { ResolverFactory, type NapiResolveOptions } from 'oxc-resolver'
import { scriptAliases, tsconfigAliases } from '../host/aliases.js'
import { isInstalled, Workspace, type Part } from '../workspace.js'

const options: NapiResolveOptions = {
  extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx', '.json'],
  extensionAlias: {
    '.js': ['.ts', '.tsx', '.js', '.jsx'],
    '.mjs': ['.mts', '.mjs'],
    '.cjs': ['.cts', '.cjs'],
    '.jsx': ['.tsx', '.jsx'],
  },
  conditionNames: ['source', 'types', 'import', 'require', 'node', 'default'],
}
/** The catalog says what it exports, also where it is a package of the same workspace. */
const runtime = /^@ctx-fix\/runtime(?:\/|$)/
const source = /\.[cm]?[jt]sx?$/
/** Declarations, or what looks like a build: there may be sources beside it. */
const built = /\.d\.([^./\\]+\.)?[cm]?ts$|[/\\](?:dist|build|out)[/\\]/
/** Clients that are generated say nothing that the catalog does not know, at length. */
const generated = /[/\\](?:generated|__generated__|\.prisma)[/\\]/

/**
 * Where each import leads, by Node's and TypeScript's rules: extensions, index files, paths, exports, and the
 * packages of a workspace, to their sources.
 */
export class ModuleLinker {
  readonly #resolvers = new Map<string | undefined, ResolverFactory>()
  readonly #tsconfigs: ReadonlyMap<string, string | undefined>
  readonly #workspace: Workspace

  constructor(readonly parts: readonly Part[]) {
    this.#workspace = new Workspace(parts)
    this.#tsconfigs = new Map(
      parts.flatMap(({ files, tsconfig }) => files.map((each) => [each, tsconfig] as const)),
    )
  }

  link(files: ReadonlyMap<string, FileFacts>): Links {
    const links = new Map<string, Map<string, string>>()
    for (const [file, facts] of files) {
      const own = new Map<string, string>()
      for (const specifier of facts.modules) {
        const path = this.#find(file, specifier)
        if (path !== undefined && files.has(path)) own.set(specifier, path)
      }
      links.set(file, own)
    }
    return links
  }

  /** Sources that a file imports and that are not installed. */
  sourcesOf(file: string, facts: FileFacts): readonly string[] {
    return facts.modules.flatMap((specifier) => {
      const path = this.#find(file, specifier)
      const isOwn = path !== undefined && source.test(path) && !isInstalled(path)
      return isOwn && !generated.test(path) ? [path] : []
    })
  }

  #find(file: string, specifier: string): string | undefined {
    if (runtime.test(specifier)) return undefined
    const { path } = this.#resolverFor(file).sync(dirname(file), specifier)
    if (path !== undefined && (isInstalled(path) || !built.test(path))) return path
    return this.#workspace.sourceOf(specifier, file) ?? path
  }

  #resolverFor(file: string): ResolverFactory {
    const tsconfig = this.#tsconfigs.get(file) ?? this.parts[0]?.tsconfig
    let resolver = this.#resolvers.get(tsconfig)
    if (!resolver) {
      resolver = new ResolverFactory({ ...options, ...this.#namesOf(tsconfig) })
      this.#resolvers.set(tsconfig, resolver)
    }
    return resolver
  }

  /** What the project calls its own modules, by its tsconfig or, for plain JavaScript, as its tools are told. */
  #namesOf(tsconfig: string | undefined): NapiResolveOptions {
    const root = this.parts[0]?.root
    const configFile = tsconfig ?? (root === undefined ? undefined : jsconfigIn(root))
    const alias = tsconfig === undefined && root !== undefined ? scriptAliases(root) : {}
    if (configFile === undefined) return { alias }
    if (isReadable(configFile)) return { alias, tsconfig: { configFile, references: 'auto' } }
    const { aliases, baseUrl } = tsconfigAliases(configFile)
    const modules = baseUrl === undefined ? {} : { modules: [baseUrl, 'node_modules'] }
    return { alias: { ...aliases, ...alias }, ...modules }
  }
}

function jsconfigIn(root: string): string | undefined {
  const path = join(root, 'jsconfig.json')
  return existsSync(path) ? path : undefined
}

function isReadable(tsconfig: string): boolean {
  try {
    parseTsconfig(tsconfig)
    return true
  } catch {
    return false
  }
}
