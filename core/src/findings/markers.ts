import type { Marker } from '../facts/types.js'
import { exprsWithin } from '../facts/within.js'
import type { Analysis } from '../graph/analysis.js'
import { makeFinding, type Found } from './make-finding.js'
import type { Reason } from './reasons.js'

export function markerFindings(analysis: Analysis): Found[] {
  const found: Found[] = []
  for (const [file, { markers }] of analysis.reported)
    for (const marker of markers) {
      const reason = markerReason(analysis, file, marker)
      if (reason)
        found.push({
          finding: makeFinding(analysis, {
            rule: 'detached-needs-reason',
            reason,
            file,
            span: marker,
            fn: 0,
            name: 'ctx:detached',
            safety: 'manual',
            chain: [],
            data: {},
          }),
        })
    }
  return found
}

function markerReason(analysis: Analysis, file: string, marker: Marker): Reason | undefined {
  if (marker.reason === '') return 'marker-without-reason'
  const mayBeUsed = analysis.usedMarkers.has(marker) || callsPackage(analysis, file, marker)
  return mayBeUsed ? undefined : 'marker-unused'
}

/** What a package that the catalog does not know does with a signal, only its types say, to hosts that read them. */
function callsPackage({ resolver: r }: Analysis, file: string, { target }: Marker): boolean {
  const calls = target ? exprsWithin(r.program.facts(file), target) : []
  return calls.some(
    (each) => each.k === 'call' && r.expr(file, each.callee).some(({ k }) => k === 'external'),
  )
}
