import type { Finding, Reason, RuleName } from '@ctx-fix/core'
import type { Codemod } from './codemod.js'
import { planDerive } from './derive.js'
import { planDetach } from './detach.js'
import { planToAmbient } from './to-ambient.js'
import { planToExplicit } from './to-explicit.js'
import { planSuggested, planWithRuntime } from './suggested.js'

const ofRule = (rule: RuleName) => (finding: Finding) => finding.rule === rule
const because =
  (...reasons: readonly Reason[]) =>
  (finding: Finding) =>
    reasons.includes(finding.reason)

/** By the name that the command line calls them. */
export const codemods = {
  'derive-in-handler': {
    isAbout: (finding) =>
      finding.rule === 'derive-in-handler' ||
      finding.reason === 'sink-without-signal-in-handler' ||
      finding.reason === 'sink-without-signal-in-job' ||
      finding.reason === 'handler-given-no-request',
    plan: planDerive,
  },
  'release-client': { isAbout: ofRule('release-client'), plan: planSuggested },
  'dispose-deadline': { isAbout: ofRule('dispose-deadline'), plan: planSuggested },
  'race-to-signal': {
    isAbout: (finding) =>
      finding.reason === 'timeout-only-rejects' && finding.words['name'] === '`Promise.race`',
    plan: planWithRuntime,
  },
  'inner-client': { isAbout: ofRule('no-outer-client-in-transaction'), plan: planSuggested },
  'join-signal': {
    isAbout: because('fresh-signal-unlinked', 'fresh-signal-on-one-branch'),
    plan: planSuggested,
  },
  'cancel-strategy': { isAbout: because('signal-without-strategy'), plan: planSuggested },
  detach: {
    isAbout: because(
      'unawaited-work-unmarked',
      'deferred-work-unmarked',
      'surrounded-work-unmarked',
    ),
    plan: planDetach,
  },
  'to-ambient': {
    isAbout: because(
      'app-establishes-nothing',
      'entry-establishes-nothing',
      'surrounded-work-unmarked',
      'marked-work-surrounded',
    ),
    plan: planToAmbient,
    propagation: 'ambient',
  },
  'to-explicit': {
    isAbout: ({ rule }) =>
      rule === 'require-signal' || rule === 'forward-signal' || rule === 'derive-in-handler',
    plan: planToExplicit,
    propagation: 'explicit',
  },
} satisfies Readonly<Record<string, Codemod>>

export type CodemodName = keyof typeof codemods

export function codemodOf(name: CodemodName): Codemod {
  return codemods[name]
}
