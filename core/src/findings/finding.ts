import type { Reason, Refusal } from './reasons.js'

export type RuleName =
  | 'require-signal'
  | 'forward-signal'
  | 'derive-in-handler'
  | 'require-deadline'
  | 'no-detached-signal'
  | 'no-ineffective-cancel'
  | 'no-outer-client-in-transaction'
  | 'release-client'
  | 'dispose-deadline'
  | 'no-signal-in-loop'
  | 'no-escaping-request-signal'
  | 'no-swallowed-abort'
  | 'no-lazy-query-escape'
  | 'detached-needs-reason'

/** `safe`: a fix that cannot change behaviour otherwise. `suggestion`: a person decides. `manual`: no edit is offered. */
export type Safety = 'safe' | 'suggestion' | 'manual'

/** One function or call on the way from the place a signal was lost to the sink. Lines are 1-based. */
export interface ChainLink {
  readonly name: string
  readonly file: string
  readonly line: number
}

export interface Finding {
  readonly rule: RuleName
  readonly reason: Reason
  readonly message: string
  /** What the message puts in its placeholders, for hosts that have the sentences themselves. */
  readonly words: Readonly<Record<string, string>>
  readonly file: string
  /** UTF-16 offsets of what is underlined: the callee. */
  readonly start: number
  readonly end: number
  /** 1-based, as in every reporter's format. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly chain: readonly ChainLink[]
  readonly safety: Safety
  /** Why no automatic edit was made, where none was. */
  readonly refusal?: Refusal
  /** Stable under edits elsewhere: rule, file, enclosing function path, callee, ordinal. */
  readonly fingerprint: string
}
