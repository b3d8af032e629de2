import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { createFilesMatcher, parseTsconfig, type TsConfigJsonResolved } from 'get-tsconfig'
import { parse as parseJson, type ParseError } from 'jsonc-parser'
import { UsageError } from '../usage-error.js'
import { findUpward } from './ancestors.js'

export interface Tsconfig {
  readonly path: string
  covers(file: string): boolean
  /** Whether a script lies where the configuration does, and is not excluded: `include` may name TypeScript alone. */
  mayRun(file: string): boolean
  /** Paths of the configurations named under `references`. */
  readonly references: readonly string[]
}

/** Reads each configuration once. */
export class TsconfigReader {
  readonly #nearest = new Map<string, string | undefined>()
  readonly #read = new Map<string, Tsconfig>()

  read(path: string): Tsconfig {
    const known = this.#read.get(path)
    if (known) return known
    const tsconfig = readTsconfig(path)
    this.#read.set(path, tsconfig)
    return tsconfig
  }

  /**
   * The configuration that the file belongs to: the nearest `tsconfig.json` upward in its repository,
   * or the one among its references that covers the file, as in the editor. The nearest where none
   * covers it.
   */
  findOwner(file: string): Tsconfig | undefined {
    const path = this.#findNearest(dirname(file))
    if (!path) return undefined
    const nearest = this.read(path)
    return this.#findCovering(nearest, file, new Set()) ?? nearest
  }

  #findNearest(folder: string): string | undefined {
    if (!this.#nearest.has(folder)) {
      const holder = findUpward(folder, 'tsconfig.json')
      this.#nearest.set(folder, holder && join(holder, 'tsconfig.json'))
    }
    return this.#nearest.get(folder)
  }

  #findCovering(tsconfig: Tsconfig, file: string, seen: Set<string>): Tsconfig | undefined {
    if (tsconfig.covers(file)) return tsconfig
    seen.add(tsconfig.path)
    for (const path of tsconfig.references) {
      if (seen.has(path) || !existsSync(path)) continue
      const covering = this.#findCovering(this.read(path), file, seen)
      if (covering) return covering
    }
    return undefined
  }
}

function readTsconfig(path: string): Tsconfig {
  const config = parse(path)
  // What a program runs is not only what `allowJs` lets the compiler see.
  const withScripts = { ...config, compilerOptions: { ...config.compilerOptions, allowJs: true } }
  const matches = createFilesMatcher({ path, config: withScripts })
  const { files: _, ...anywhere } = {
    ...withScripts,
    include: ['**/*'],
    ...(config.exclude && { exclude: [...config.exclude, ...written(config)] }),
  }
  const lies = createFilesMatcher({ path, config: anywhere })
  return {
    path,
    covers: (file) => matches(file) !== undefined,
    mayRun: (file) => lies(file) !== undefined,
    references: (config.references ?? []).map((reference) => toConfigFile(path, reference.path)),
  }
}

/** Where the compiler writes: it leaves that out itself, unless `exclude` says something of its own. */
function written({ compilerOptions }: TsConfigJsonResolved): string[] {
  const folders = [compilerOptions?.outDir, compilerOptions?.declarationDir]
  return folders.filter((each) => each !== undefined && !/^\.{0,2}\/?$/.test(each)) as string[]
}

/** @throws {UsageError} */
export function parse(path: string): TsConfigJsonResolved {
  requireJson(path)
  try {
    return parseTsconfig(path)
  } catch (error) {
    const alone = withoutPackages(path)
    if (alone) return alone
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/**
 * A configuration that extends one of a package, as far as it is there: nothing may be installed yet, and
 * what files a program has it says itself as a rule.
 */
function withoutPackages(path: string): TsConfigJsonResolved | undefined {
  if (!existsSync(path)) return undefined
  const config = parseJson(readFileSync(path, 'utf8')) as TsConfigJsonResolved & {
    extends?: string | readonly string[]
  }
  const { extends: bases = [], ...own } = config
  const names = typeof bases === 'string' ? [bases] : bases
  if (names.length === 0) return own
  const found = names.map((name) =>
    /^(?:\.|\/)/.test(name) ? withoutPackages(toBase(path, name)) : {},
  )
  if (found.includes(undefined)) return undefined
  const options = found.map((each) => each?.compilerOptions ?? {})
  return { ...own, compilerOptions: Object.assign({}, ...options, own.compilerOptions) as object }
}

function toBase(from: string, name: string): string {
  const path = resolve(dirname(from), name)
  return path.endsWith('.json') ? path : `${path}.json`
}

/** The reader passes over what it cannot read, and would take a slip for a project without files. */
function requireJson(path: string): void {
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  const problems: ParseError[] = []
  parseJson(text, problems, { allowTrailingComma: true, allowEmptyContent: true })
  const [problem] = problems
  if (!problem) return
  const before = text.slice(0, problem.offset)
  const line = before.split('\n').length
  const column = problem.offset - before.lastIndexOf('\n')
  throw new UsageError(`${path}:${String(line)}:${String(column)} is not valid JSON`)
}

/** A reference names a file, or a folder whose `tsconfig.json` is meant. */
function toConfigFile(from: string, reference: string): string {
  const path = resolve(dirname(from), reference)
  return path.endsWith('.json') ? path : join(path, 'tsconfig.json')
}
