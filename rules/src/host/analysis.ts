import {
  analyzeFile,
  estree,
  extractFacts,
  findAll,
  type Analysis,
  type FindOptions,
  type Found,
} from '@ctx-fix/core'
import { typedServices, type Context } from './eslint.js'
import { exemptionsOf } from './exemptions.js'
import { readAgain } from './file-cache.js'
import { commentsOf, parserFor } from './parse.js'
import { catalogOf, describedOf, settingsOf } from './settings.js'
import { askChecker } from './typed.js'
import { viewOfText, type View } from './workspace.js'
import { workspaceFor } from './workspaces.js'

/** The linted file, analysed with all that it imports. */
export interface LintedFile {
  readonly path: string
  readonly analysis: Analysis
  /** Findings of this file alone. */
  find(options: FindOptions): readonly Found[]
}

const known = new WeakMap<object, LintedFile | { readonly exempt: true }>()

/**
 * All rules share one analysis of a file: it is kept for as long as the linter keeps the tree. Undefined
 * for tests, migrations and generated files, of which nothing is asked.
 */
export function analysisOf(context: Context): LintedFile | undefined {
  const { ast } = context.sourceCode
  let file = known.get(ast)
  if (!file) {
    const isExempt = exemptionsOf(context.cwd, settingsOf(context).testGlobs)
    file = isExempt(context.filename) ? { exempt: true } : analyseFile(context)
    known.set(ast, file)
  }
  return 'exempt' in file ? undefined : file
}

function analyseFile(context: Context): LintedFile {
  const { filename: path } = context
  const { signalNames, propagation, testGlobs } = settingsOf(context)
  const { resolver, within } = viewFrom(context)
  const analysis = analyzeFile(resolver, path, within, {
    isExempt: exemptionsOf(context.cwd, testGlobs),
    ...(signalNames ? { signalNames } : {}),
    ...(propagation ? { propagation } : {}),
  })
  const found = new Map<string, readonly Found[]>()
  return {
    path,
    analysis,
    find(options) {
      const key = `${options.noSignalInScope} ${options.propagation ?? ''}`
      const list =
        found.get(key) ?? findAll(analysis, options).filter((each) => each.finding.file === path)
      found.set(key, list)
      return list
    },
  }
}

function viewFrom(context: Context): View {
  const { sourceCode, filename: path } = context
  const { text } = sourceCode
  const parse = parserFor(context)
  const services = typedServices(sourceCode)
  const catalog = catalogOf(context)
  const described = describedOf(context)
  const isExempt = exemptionsOf(context.cwd, settingsOf(context).testGlobs)
  if (readAgain(path, parse)?.text === text)
    return workspaceFor(catalog, described, services).view(path, parse, isExempt)
  const { facts } = extractFacts(estree, {
    path,
    text,
    program: sourceCode.ast,
    comments: commentsOf(sourceCode.getAllComments()),
  })
  return viewOfText(
    facts,
    text,
    parse,
    catalog,
    described,
    services && ((program) => askChecker(services, program, catalog)),
    // Of the checker's program there is another with every keystroke.
    workspaceFor(catalog, described, undefined).view(path, parse, isExempt),
  )
}
