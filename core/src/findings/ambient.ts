import { entityOf } from '../catalog/index.js'
import type { Analysis } from '../graph/analysis.js'
import { unestablishedEntries } from '../graph/establish.js'
import type { EntryPoint } from '../graph/model.js'
import { surroundOf } from '../graph/surround.js'
import { makeFinding, type Found } from './find.js'

/**
 * Ambient propagation: every entry point that reaches a database has the request's signal put around it.
 *
 * Reported, once an entry point: none of its framework's applications registers `ctxSignal`.
 * Not reported: calls that pass no signal, since they find the surrounding one.
 */
export function ambientFindings(analysis: Analysis): Found[] {
  return unestablishedEntries(analysis).map((entry) => {
    const fn = analysis.resolver.program.fn(entry.file, entry.fn)
    return {
      finding: makeFinding(analysis, {
        rule: 'derive-in-handler',
        reason: 'entry-establishes-nothing',
        file: entry.file,
        span: { start: fn.start, end: Math.min(fn.end, headEnd(fn)) },
        fn: entry.fn,
        name: entry.title === '' ? fn.name : entry.title,
        safety: 'safe',
        chain: [],
        data: { source: middlewareOf(analysis, entry) },
      }),
    }
  })
}

/** The head of a function: what stands before its body. */
function headEnd(fn: { start: number; body: { start: number } }): number {
  return Math.max(fn.start + 1, fn.body.start)
}

function middlewareOf(analysis: Analysis, entry: EntryPoint): string {
  const surround = surroundOf(analysis.resolver.catalog, entry)
  if (surround) return surround.as === 'decorator' ? `@${surround.name}()` : `${surround.name}(…)`
  const library = analysis.resolver.catalog.byName(entry.library)
  for (const name of Object.keys(library?.entities ?? {})) {
    const establish = library && entityOf(library, name)?.establish
    if (establish)
      return `app.${establish.method}(${establish.name}${establish.called ? '()' : ''})`
  }
  return 'withSignal(requestSignal(request), …)'
}
