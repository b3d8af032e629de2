import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { afterAll, expect } from 'vitest'
import { fixProject, type CtxFixConfig, type FixOptions, type FixResult } from '../project.js'
import { ESM, tsconfig } from './sample-project.js'

const samples = resolve(import.meta.dirname, '../../../.tmp')

const isSource = (path: string) => /\.[cm]?[jt]sx?$/.test(path)

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isSource).sort()
}

export interface Situation {
  /** The folder that has `before` and `after`. */
  readonly folder: string
  readonly options?: Partial<FixOptions>
  readonly config?: CtxFixConfig
}

/** Copies of situations, gone when the tests of the file are over. */
export class BeforeAfter {
  readonly #workspace: string

  constructor(name: string) {
    mkdirSync(samples, { recursive: true })
    this.#workspace = mkdtempSync(join(samples, `${name}-`))
    afterAll(() => rm(this.#workspace, { recursive: true, force: true }))
  }

  /** Rewrites a copy, and expects its bytes, no type error, and nothing for a second run. Gives the copy. */
  async expectAfter(situation: Situation): Promise<{ root: string; first: FixResult }> {
    const before = join(situation.folder, 'before')
    const after = join(situation.folder, 'after')
    const root = this.#copyOf(before)
    const result = await fix(root, situation)
    const expected = Object.fromEntries(
      sourcesIn(after)
        .map((each) => [each, readFileSync(join(after, each), 'utf8')] as const)
        .filter(([each, text]) => text !== readFileSync(join(before, each), 'utf8')),
    )
    expect(changesOf(root, result)).toEqual(expected)

    const write = await result.prepareWrite()
    await write()
    expect(typeErrors(root)).toEqual([])

    const again = await fix(root, situation)
    expect(changesOf(root, again)).toEqual({})
    return { root, first: result }
  }

  /** With what every project has where it does not say otherwise. */
  #copyOf(before: string): string {
    const root = mkdtempSync(join(this.#workspace, 'copy-'))
    cpSync(before, root, { recursive: true })
    const isPlain = sourcesIn(root).some((each) => each.endsWith('.js'))
    const defaults = { 'package.json': ESM, ...(isPlain ? {} : { 'tsconfig.json': tsconfig() }) }
    for (const [name, text] of Object.entries(defaults))
      if (!existsSync(join(root, name))) writeFileSync(join(root, name), text)
    return root
  }
}

function fix(root: string, { options, config = {} }: Situation): Promise<FixResult> {
  const files = sourcesIn(root).map((each) => join(root, each))
  const path = join(root, 'tsconfig.json')
  const project = { root, files, report: files, config }
  return fixProject(existsSync(path) ? { ...project, tsconfig: path } : project, {
    verify: true,
    ...options,
  })
}

/** Declarations of packages, parsed once for all situations. */
const declarations = new Map<string, ts.SourceFile | undefined>()

function hostFor(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (path, languageVersion) => {
    if (!path.includes('node_modules')) return read(path, languageVersion)
    if (!declarations.has(path)) declarations.set(path, read(path, languageVersion))
    return declarations.get(path)
  }
  return host
}

export function typeErrors(root: string): readonly string[] {
  const path = join(root, 'tsconfig.json')
  if (!existsSync(path)) return []
  const { config } = ts.readConfigFile(path, (each) => ts.sys.readFile(each)) as { config: object }
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram(fileNames, options, hostFor(options))
  return fileNames
    .flatMap((each) => {
      const file = program.getSourceFile(each)
      return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
    })
    .map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'))
}

/** Every text that differs from what it was, by its path. */
function changesOf(root: string, result: FixResult): Readonly<Record<string, string>> {
  return Object.fromEntries(
    result.changes.map(({ file, after }) => [relative(root, file), after] as const),
  )
}
