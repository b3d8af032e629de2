import type { Analysis } from '../graph/analysis.js'
import { ambientFindings } from './ambient.js'
import { budgetFindings } from './budgets.js'
import { clientFindings } from './clients.js'
import { deadlineFindings } from './deadlines.js'
import { detachedFindings } from './detached.js'
import { escapeFindings } from './escapes.js'
import { handlerFindings } from './handlers.js'
import { ineffectiveFindings } from './ineffective.js'
import { lazyEscapeFindings } from './lazy-escapes.js'
import { listenerFindings } from './listeners.js'
import { localTimeoutFindings } from './local-timeouts.js'
import { loopFindings } from './loops.js'
import { lossFindings, sharedFindings } from './losses.js'
import type { Found } from './make-finding.js'
import { markerFindings } from './markers.js'
import { escapingFindings, markedFindings } from './surrounded.js'
import { swallowedFindings } from './swallowed.js'
import { timerFindings } from './timers.js'
import { transactionFindings } from './transactions.js'
import { uncoveredSinks } from './uncovered.js'

export interface FindOptions {
  /** Whether a sink is reported that no signal can reach yet. */
  readonly noSignalInScope: 'report' | 'off'
  /** Signal parameters (the default), or a signal that surrounds each request. */
  readonly propagation?: 'explicit' | 'ambient'
  /** Also what is a matter of taste: signals without a deadline, aborts that a `catch` hides. */
  readonly strict?: boolean
  /** The longest that work may take, in milliseconds, by the name of the budget. */
  readonly budgets?: Readonly<Record<string, number>>
}

export function findAll(analysis: Analysis, options: FindOptions): Found[] {
  const isAmbient = options.propagation === 'ambient'
  const found = [
    ...(isAmbient ? ambientFindings(analysis) : lossFindings(analysis)),
    ...(isAmbient ? escapingFindings(analysis) : []),
    ...(isAmbient ? markedFindings(analysis) : []),
    ...sharedFindings(analysis),
    ...(options.noSignalInScope === 'report' && !isAmbient ? uncoveredSinks(analysis) : []),
    ...detachedFindings(analysis),
    ...handlerFindings(analysis),
    ...timerFindings(analysis),
    ...listenerFindings(analysis),
    ...escapeFindings(analysis),
    ...loopFindings(analysis),
    ...clientFindings(analysis),
    ...ineffectiveFindings(analysis),
    ...(isAmbient ? [] : localTimeoutFindings(analysis)),
    ...transactionFindings(analysis),
    ...lazyEscapeFindings(analysis),
    ...(options.strict === true ? deadlineFindings(analysis) : []),
    ...(options.budgets ? budgetFindings(analysis, options.budgets) : []),
    ...(options.strict === true ? swallowedFindings(analysis) : []),
    ...markerFindings(analysis),
  ]
  return numbered(found).toSorted(
    (a, b) => a.finding.file.localeCompare(b.finding.file) || a.finding.start - b.finding.start,
  )
}

/** Equal fingerprints are told apart by their order in the file. */
function numbered(found: readonly Found[]): Found[] {
  const counts = new Map<string, number>()
  return found
    .toSorted((a, b) => a.finding.start - b.finding.start)
    .map((each) => {
      const { fingerprint } = each.finding
      const count = counts.get(fingerprint) ?? 0
      counts.set(fingerprint, count + 1)
      return { ...each, finding: { ...each.finding, fingerprint: `${fingerprint}:${count}` } }
    })
}
