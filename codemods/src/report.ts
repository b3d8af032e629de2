import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  databasePackages,
  entryPointsBySink,
  establishment,
  locationOf,
  sinkStatus,
  unreachedSinks,
  type Analysis,
  type EntryPoint,
  type Found,
  type Refusal,
  type Report,
  type ReportedFinding,
  type SinkReport,
} from '@ctx-fix/core'
import type { ParseFailure } from './host/parse.js'
import { runtimeNotice } from './runtime-notice.js'

export interface ReportParts {
  readonly root: string
  readonly analysis: Analysis
  readonly found: readonly Found[]
  readonly failures: readonly ParseFailure[]
  readonly isReported: (file: string) => boolean
  readonly startedAt: number
  readonly isAmbient: boolean
  readonly rolledBack?: number
  readonly notices?: Report['notices']
  /** Findings that were there before the edits and are gone. */
  readonly fixed?: readonly Found[]
  readonly refusals?: ReadonlyMap<string, Refusal>
}

export function makeReport(parts: ReportParts): Report {
  const { analysis, isReported } = parts
  const isSurrounded = parts.isAmbient ? surroundedBy(analysis) : () => false
  const sinks = sinkReports(analysis, isSurrounded)
  const reported = sinks.filter((each) => isReported(each.file))
  const open = parts.found
    .filter((each) => isReported(each.finding.file))
    .map((each): ReportedFinding => {
      const refusal = parts.refusals?.get(each.finding.fingerprint) ?? each.finding.refusal
      return {
        ...withoutOffsets(each),
        ...(refusal === undefined ? {} : { refusal }),
        fixed: false,
      }
    })
  const fixed = (parts.fixed ?? [])
    .filter((each) => isReported(each.finding.file))
    .map((each): ReportedFinding => ({ ...withoutOffsets(each), fixed: true }))
  const files = [...analysis.resolver.program.files.values()]
  return {
    version: 1,
    summary: {
      files: files.length,
      functions: files.reduce((sum, facts) => sum + facts.functions.length - 1, 0),
      entryPoints: analysis.entries.size,
      sinks: reported.length,
      findings: open.length + fixed.length,
      fixed: fixed.length,
      rolledBack: parts.rolledBack ?? 0,
      ms: Math.round(performance.now() - parts.startedAt),
    },
    sinks: reported,
    findings: [...fixed, ...open].toSorted(
      (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
    ),
    libraries: countLibraries(analysis),
    notices: [
      ...notices(parts),
      ...runtimeNotice(parts.root, analysis, isSurrounded),
      ...unreachedCalls(parts),
      ...(parts.notices ?? []),
    ],
  }
}

function withoutOffsets({ finding }: Found): Omit<ReportedFinding, 'fixed'> {
  const { start: _start, end: _end, words: _words, ...rest } = finding
  return rest
}

/** Tells the calls that are inside the request's signal, from wherever they are reached. */
export function surroundedBy(analysis: Analysis): (id: number) => boolean {
  const reaching = entryPointsBySink(analysis)
  const isEstablished = establishment(analysis)
  return (id) => reaching.get(id)?.every(isEstablished) === true
}

/** Every sink of the program, with the entry points that reach it. */
function sinkReports(analysis: Analysis, isSurrounded: (id: number) => boolean): SinkReport[] {
  const reaching = entryPointsBySink(analysis)
  return analysis.judgements.flatMap((judgement): SinkReport[] => {
    const { node } = judgement
    if (!node.sink || node.sink.spec.onlyInScope === true) return []
    const { lineStarts } = analysis.resolver.program.facts(node.file)
    const expr = analysis.resolver.program.expr(node.file, node.expr)
    const end = locationOf(lineStarts, expr.end)
    return [
      {
        file: node.file,
        ...locationOf(lineStarts, expr.start),
        endLine: end.line,
        endColumn: end.column,
        library: node.sink.library.name,
        api: node.sink.api,
        status:
          isSurrounded(node.id) &&
          sinkStatus(judgement) === 'missing' &&
          node.sink.library.kind === 'database' &&
          node.sink.spec.effect === 'cancels'
            ? 'propagated'
            : sinkStatus(judgement),
        entryPoints: [
          ...new Set((reaching.get(node.id) ?? []).map((each) => entryName(analysis, each))),
        ],
      },
    ]
  })
}

function entryName(analysis: Analysis, entry: EntryPoint): string {
  const fn = analysis.resolver.program.fn(entry.file, entry.fn)
  const { lineStarts } = analysis.resolver.program.facts(entry.file)
  const title = entry.title === '' ? 'handler' : entry.title
  return `${title} (${entry.file}:${locationOf(lineStarts, fn.start).line})`
}

function countLibraries(analysis: Analysis): { name: string; sinks: number }[] {
  const counts = new Map<string, number>()
  for (const { sink } of analysis.calls)
    if (sink && sink.spec.onlyInScope !== true)
      counts.set(sink.library.name, (counts.get(sink.library.name) ?? 0) + 1)
  return [...counts].map(([name, sinks]) => ({ name, sinks })).toSorted((a, b) => b.sinks - a.sinks)
}

const drivers = new Set(['pg', 'postgres', 'mysql2'])
/** Packages that another loads by itself; what they mean for its calls is said with these. */
const loadedBy = new Map([['pg-native', 'pg']])

function notices({ root, analysis, failures }: ReportParts): { code: string; message: string }[] {
  const { program, catalog } = analysis.resolver
  const imported = new Set<string>()
  for (const facts of program.files.values())
    for (const module of facts.modules) imported.add(packageName(module))
  const installed = dependenciesOf(root)
  const known = countLibraries(analysis).map((each) => each.name)
  const hasDatabase = known.some((name) => catalog.byName(name)?.kind === 'database')
  // Another entry for the same package has the calls: `drizzle-orm/postgres-js`.
  const isOfPackage = (each: string, name: string) =>
    catalog.byName(each)?.modules.some((module) => packageName(module) === name) === true
  const list = databasePackages.flatMap((name): { code: string; message: string }[] => {
    if (!imported.has(name) && !installed.has(name)) return []
    const library = catalog.byModule(name)
    const loader = loadedBy.get(name)
    if (loader !== undefined && !imported.has(name) && known.includes(loader)) return []
    if (!library)
      return [
        {
          code: 'unsupported-library',
          message: `${name} is a dependency and is not supported: its calls are not seen.`,
        },
      ]
    if (known.includes(library.name) || !imported.has(name)) return []
    if (known.some((each) => isOfPackage(each, name))) return []
    // What a query builder is given to send its queries.
    if (drivers.has(name) && hasDatabase) return []
    return [
      {
        code: 'library-without-sinks',
        message: `${name} is imported, but no call of it was recognised: see the settings \`libraries\` for wrappers of your own.`,
      },
    ]
  })
  return [
    ...list,
    ...notCancellable(analysis),
    ...failures.map((each) => ({
      code: 'unparsable-file',
      message: `${each.file}:${each.line}:${each.column} does not parse and was left out: ${each.message}`,
    })),
  ]
}

const EXAMPLES = 3

/**
 * Calls that nothing is said of otherwise: a signal is put around entry points, and none that is known reaches
 * them.
 */
function unreachedCalls(parts: ReportParts): { code: string; message: string }[] {
  if (!parts.isAmbient) return []
  const { program } = parts.analysis.resolver
  const places = unreachedSinks(parts.analysis)
    .filter(({ file }) => parts.isReported(file))
    .map(({ file, expr }) => {
      const { start } = program.expr(file, expr)
      return `${file}:${locationOf(program.facts(file).lineStarts, start).line}`
    })
  if (places.length === 0) return []
  const examples = [...new Set(places)].slice(0, EXAMPLES).join(', ')
  const more = places.length > EXAMPLES ? ', …' : ''
  const calls = places.length === 1 ? 'call is' : 'calls are'
  return [
    {
      code: 'unreached-calls',
      message: `${places.length} database ${calls} reached by no entry point that is known, so that no signal surrounds ${places.length === 1 ? 'it' : 'them'}: ${examples}${more}. If a framework runs ${places.length === 1 ? 'it' : 'them'}, put withSignal(signal, …) of @ctx-fix/runtime around that.`,
    },
  ]
}

/** Calls that no signal can reach, and why: said once, since there is nothing to do at any one of them. */
function notCancellable(analysis: Analysis): { code: string; message: string }[] {
  const counts = new Map<string, number>()
  for (const judgement of analysis.judgements) {
    const { sink } = judgement.node
    if (!sink || sinkStatus(judgement) !== 'unsupported') continue
    for (const carrier of sink.spec.carriers) {
      if (carrier.kind !== 'none') continue
      const words = `of ${sink.library.name} cannot be cancelled: ${carrier.why}`
      counts.set(words, (counts.get(words) ?? 0) + 1)
    }
  }
  return [...counts].map(([words, count]) => ({
    code: 'not-cancellable',
    message: `${count} ${count === 1 ? 'call' : 'calls'} ${words}.`,
  }))
}

function packageName(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/')
}

function dependenciesOf(root: string): ReadonlySet<string> {
  try {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
      string,
      object | undefined
    >
    return new Set(Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] }))
  } catch {
    return new Set()
  }
}
