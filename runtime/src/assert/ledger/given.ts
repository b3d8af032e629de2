import { currentSignal, isSignal } from '../../ambient.js'
import { deadlineOf } from '../platform-signals.js'
import type { QueryFacts, QuerySignals, Origin } from './query.js'

/** What a call of pg was given as text: of a cursor as well, and by name alone where it was prepared before. */
export function textGiven(options: unknown): string {
  if (typeof options === 'string') return options
  const { text, name, cursor } = (options ?? {}) as {
    text?: unknown
    name?: unknown
    cursor?: { text?: unknown }
  }
  for (const candidate of [text, cursor?.text, name]) {
    if (typeof candidate === 'string') return candidate
  }
  return ''
}

/** The signals that a call of pg is under: its own, and the surrounding one unless that was opted out of. */
export function signalsOf(options: unknown): QuerySignals {
  const given = (options as { signal?: unknown } | null | undefined)?.signal
  return signalsGiven(
    isSignal(given) ? given : undefined,
    given === null ? undefined : currentSignal(),
  )
}

export function signalsGiven(
  explicit: AbortSignal | undefined,
  surrounding: AbortSignal | undefined,
): QuerySignals {
  let deadline: QueryFacts['deadline']
  let signal: QueryFacts['signal']
  const consider = (value: AbortSignal | undefined, from: Origin): void => {
    if (value === undefined) return
    signal ??= { from, value }
    const at = deadlineOf(value)
    if (at !== undefined && at < (deadline?.at ?? Infinity)) deadline = { from, at }
  }
  consider(explicit, 'call')
  consider(surrounding, 'surroundings')
  const all = [explicit, surrounding].filter((each) => each !== undefined)
  return { signal, deadline, all }
}
