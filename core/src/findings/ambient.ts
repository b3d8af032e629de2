import type { Analysis } from '../graph/analysis.js'
import type { AppCreation } from '../graph/applications.js'
import { findChainStarts } from '../graph/chain-starts.js'
import { openApplications, unestablishedEntries } from '../graph/establish.js'
import type { EntryPoint } from '../graph/model.js'
import { surroundOf } from '../graph/surround.js'
import { makeFinding, type Found } from './make-finding.js'

/**
 * Ambient propagation: every entry point that reaches a database has the request's signal put around it.
 *
 * Reported: an application that does not register `ctxSignal` before its handlers, once, where it is made; a
 * handler that belongs to no application and has no wrapper. Where one file and its imports are looked at,
 * the application of a handler may be elsewhere, so only a handler that can have a wrapper is reported.
 * Not reported: calls that pass no signal, since they find the surrounding one.
 */
export function ambientFindings(analysis: Analysis): Found[] {
  const open = unestablishedEntries(analysis)
  if (open.length === 0) return []
  const { apps, alone } = openApplications(analysis, open)
  const found = apps.map(({ app, served }) => appFinding(analysis, app, served))
  const chained = new Set(findChainStarts(analysis).map((each) => each.library))
  const isWhole = analysis.resolver.within === undefined
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

function appFinding(
  analysis: Analysis,
  { file, name, start, end, establish, site, place }: AppCreation,
  served: readonly EntryPoint[],
): Found {
  const added = `.${establish.method}(${establish.name}${establish.called ? '()' : ''})`
  return {
    finding: makeFinding(analysis, {
      rule: 'derive-in-handler',
      reason: 'app-establishes-nothing',
      file,
      span: { start, end },
      fn: site.fn,
      name,
      safety: place ? 'safe' : 'manual',
      chain: [],
      data: {
        source: place?.as === 'chain' ? added : `${name}${added}`,
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
