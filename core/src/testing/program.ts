import { dirname, join } from 'node:path/posix'
import type { FileFacts } from '../facts/types.js'
import { findAll } from '../findings/find.js'
import type { Found } from '../findings/make-finding.js'
import { analyze, type Analysis, type AnalysisOptions, type Judgement } from '../graph/analysis.js'
import { Program } from '../resolve/program.js'
import { factsBy } from './parsers.js'

export type Files = Readonly<Record<string, string>>

/** A program of these files, its imports followed by relative path. One text alone is `src/app.ts`. */
export function programOf(files: Files | string): Program {
  const texts = typeof files === 'string' ? { 'src/app.ts': files } : files
  const facts = new Map<string, FileFacts>()
  for (const [path, text] of Object.entries(texts)) facts.set(path, factsBy.oxc(path, text))
  const links = new Map(
    [...facts].map(([path, { modules }]) => [path, linksOf(path, modules, new Set(facts.keys()))]),
  )
  return new Program(facts, links)
}

function linksOf(
  path: string,
  modules: readonly string[],
  known: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const links = new Map<string, string>()
  for (const module of modules) {
    if (!module.startsWith('.')) continue
    const base = join(dirname(path), module)
    const stem = base.replace(/\.js$/, '')
    const found = [base, `${stem}.ts`, `${stem}.js`, `${stem}/index.ts`].find((each) =>
      known.has(each),
    )
    if (found !== undefined) links.set(module, found)
  }
  return links
}

export function analysisOf(files: Files | string, options: AnalysisOptions = {}): Analysis {
  return analyze(programOf(files), options)
}

export function findingsOf(files: Files | string): Found[] {
  return findAll(analysisOf(files), { noSignalInScope: 'report' })
}

/** The judgements on the calls whose callee is written so. */
export function judgementsOn(analysis: Analysis, callee: string): readonly Judgement[] {
  return analysis.judgements.filter(({ node }) => node.name === callee)
}

/** The one judgement on calls of `callee`. */
export function judgementOn(analysis: Analysis, callee: string): Judgement {
  const [first, ...more] = judgementsOn(analysis, callee)
  if (!first || more.length > 0) {
    const names = analysis.judgements.map(({ node }) => node.name).join(', ')
    throw new Error(`${more.length + (first ? 1 : 0)} calls of ${callee}; there are: ${names}`)
  }
  return first
}
