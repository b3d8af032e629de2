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
import { afterAll, describe, expect, test } from 'vitest'
import { fixProject, type FixResult } from './project.js'
import { ESM, tsconfig } from './testing/sample-project.js'

const situations = resolve(import.meta.dirname, '../../fixtures/before-after')
const samples = resolve(import.meta.dirname, '../../.tmp')
mkdirSync(samples, { recursive: true })
const workspace = mkdtempSync(join(samples, 'before-after-'))

afterAll(() => rm(workspace, { recursive: true, force: true }))

const isSource = (path: string) => /\.[cm]?[jt]s$/.test(path)

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isSource).sort()
}

/** A copy of a situation, with what every project has where it does not say otherwise. */
function copyOf(situation: string): string {
  const root = join(workspace, situation)
  cpSync(join(situations, situation, 'before'), root, { recursive: true })
  const isPlain = sourcesIn(root).some((each) => each.endsWith('.js'))
  const defaults = { 'package.json': ESM, ...(isPlain ? {} : { 'tsconfig.json': tsconfig() }) }
  for (const [name, text] of Object.entries(defaults))
    if (!existsSync(join(root, name))) writeFileSync(join(root, name), text)
  return root
}

function fix(root: string): Promise<FixResult> {
  const files = sourcesIn(root).map((each) => join(root, each))
  const config = join(root, 'tsconfig.json')
  const project = { root, files, report: files, config: {} }
  return fixProject(existsSync(config) ? { ...project, tsconfig: config } : project, {
    verify: true,
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

function typeErrors(root: string): readonly string[] {
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

describe.each(readdirSync(situations))('%s', (situation) => {
  test('becomes what a careful engineer would have written', async () => {
    const root = copyOf(situation)
    const before = join(situations, situation, 'before')
    const after = join(situations, situation, 'after')
    const result = await fix(root)
    const expected = Object.fromEntries(
      sourcesIn(after)
        .map((each) => [each, readFileSync(join(after, each), 'utf8')] as const)
        .filter(([each, text]) => text !== readFileSync(join(before, each), 'utf8')),
    )
    expect(changesOf(root, result)).toEqual(expected)

    const write = await result.prepareWrite()
    await write()
    expect(typeErrors(root)).toEqual([])

    const again = await fix(root)
    expect(changesOf(root, again)).toEqual({})
  })
})
