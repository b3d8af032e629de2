import type { Analysis } from '../graph/analysis.js'
import {
  establishedLibraries,
  findAppCreations,
  findChainStarts,
  mountedIn,
  unestablishedEntries,
  type AppCreation,
} from '../graph/establish.js'
import type { EntryPoint } from '../graph/model.js'
import { surroundOf } from '../graph/surround.js'
import { makeFinding, type Found } from './find.js'

/**
 * Ambient propagation: every entry point that reaches a database has the request's signal put around it.
 *
 * Reported: an application none of whose kind registers `ctxSignal`, once, where it is made; a handler that
 * belongs to no application and has no wrapper. Where one file and its imports are looked at, the
 * application of a handler may be elsewhere, so only a handler that can have a wrapper is reported.
 * Not reported: calls that pass no signal, since they find the surrounding one.
 */
export function ambientFindings(analysis: Analysis): Found[] {
  const open = unestablishedEntries(analysis)
  if (open.length === 0) return []
  const established = establishedLibraries(analysis)
  const apps = findAppCreations(analysis).filter((each) => !established.has(each.library))
  const serves = servedBy(analysis)
  const found = apps.flatMap((app) => {
    const served = open.filter((each) => serves(app, each))
    return served.length === 0 ? [] : [appFinding(analysis, app, served)]
  })
  const chained = new Set(findChainStarts(analysis).map((each) => each.library))
  const isWhole = analysis.resolver.within === undefined
  const alone = open.filter((entry) => !apps.some((app) => serves(app, entry)))
  for (const entry of alone) {
    const surround = surroundOf(analysis.resolver.catalog, entry)
    const isSafe = surround !== undefined || chained.has(entry.library)
    const source = surround
      ? `${surround.as === 'decorator' ? '@' : ''}${surround.name}(…)`
      : 'withSignal(requestSignal(request), …)'
    if (isSafe || isWhole) found.push(entryFinding(analysis, entry, source, isSafe))
  }
  return found
}

/** Whether middleware of an application runs around a handler: of its framework, or of one that is built on it or mounted in it. */
function servedBy(analysis: Analysis): (app: AppCreation, entry: EntryPoint) => boolean {
  const mounts = mountedIn(analysis)
  return ({ library, establish }, entry) => {
    if (surroundOf(analysis.resolver.catalog, entry)) return false
    return (
      library === entry.library ||
      establish.covers?.includes(entry.library) === true ||
      mounts.get(entry.library)?.has(library) === true
    )
  }
}

function appFinding(
  analysis: Analysis,
  { file, binding, establish, site }: AppCreation,
  served: readonly EntryPoint[],
): Found {
  const argument = `${establish.name}${establish.called ? '()' : ''}`
  return {
    finding: makeFinding(analysis, {
      rule: 'derive-in-handler',
      reason: 'app-establishes-nothing',
      file,
      span: binding,
      fn: site.fn,
      name: binding.name,
      safety: 'safe',
      chain: [],
      data: {
        source: `${binding.name}.${establish.method}(${argument})`,
        count: handlersIn(served.length),
      },
    }),
  }
}

function handlersIn(count: number): string {
  return count === 1 ? 'one handler that reaches' : `${String(count)} handlers that reach`
}

function entryFinding(
  analysis: Analysis,
  entry: EntryPoint,
  source: string,
  isSafe: boolean,
): Found {
  const fn = analysis.resolver.program.fn(entry.file, entry.fn)
  return {
    finding: makeFinding(analysis, {
      rule: 'derive-in-handler',
      reason: 'entry-establishes-nothing',
      file: entry.file,
      span: { start: fn.start, end: Math.min(fn.end, headEnd(fn)) },
      fn: entry.fn,
      name: entry.title === '' ? fn.name : entry.title,
      safety: isSafe ? 'safe' : 'manual',
      chain: [],
      data: { source },
    }),
  }
}

/** The head of a function: what stands before its body. */
function headEnd(fn: { start: number; body: { start: number } }): number {
  return Math.max(fn.start + 1, fn.body.start)
}
