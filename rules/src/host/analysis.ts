import { relative, sep } from 'node:path'
import {
  analyze,
  estree,
  extractFacts,
  findAll,
  isExemptPath,
  type Analysis,
  type EstreeNode,
  type FindOptions,
  type Found,
} from '@ctx-fix/core'
import { programAround } from './closure.js'
import { typedServices, type Context } from './eslint.js'
import { commentsOf, parserFor } from './parse.js'
import { catalogOf, settingsOf } from './settings.js'
import { askChecker } from './typed.js'

/** The linted file, analysed with all that it imports. */
export interface LintedFile {
  readonly path: string
  readonly analysis: Analysis
  /** Findings of this file alone. */
  find(options: FindOptions): readonly Found[]
}

const known = new WeakMap<object, LintedFile>()

/** All rules share one analysis of a file: it is kept for as long as the linter keeps the tree. */
export function analysisOf(context: Context): LintedFile {
  const { ast } = context.sourceCode
  let file = known.get(ast)
  if (!file) {
    file = analyseFile(context)
    known.set(ast, file)
  }
  return file
}

function analyseFile(context: Context): LintedFile {
  const { sourceCode, filename: path } = context
  const settings = settingsOf(context)
  const { facts, nodes } = extractFacts(estree, {
    path,
    text: sourceCode.text,
    program: sourceCode.ast as EstreeNode,
    comments: commentsOf(sourceCode.getAllComments()),
  })
  const catalog = catalogOf(settings)
  const program = programAround(facts, parserFor(context))
  const services = typedServices(sourceCode)
  const analysis = analyze(program, {
    catalog,
    isExempt: (each) => isExemptPath(withinFolder(context.cwd, each)),
    ...(settings.signalNames ? { signalNames: settings.signalNames } : {}),
    ...(services ? { ask: askChecker({ path, nodes, services }, program, catalog) } : {}),
  })
  const found = new Map<string, readonly Found[]>()
  return {
    path,
    analysis,
    find(options) {
      const key = options.noSignalInScope
      const list =
        found.get(key) ?? findAll(analysis, options).filter((each) => each.finding.file === path)
      found.set(key, list)
      return list
    },
  }
}

/** Folders above the project say nothing about a file: a checkout may live below one called `test`. */
function withinFolder(folder: string, path: string): string {
  const inner = relative(folder, path)
  const isBelow = !inner.startsWith(`..${sep}`)
  return (isBelow ? inner : path).replaceAll(sep, '/')
}
