import type { SpanKind, TimeAccount } from './trace.js'

const WORDS: Record<SpanKind, string> = {
  pool: 'waiting for a client of the pool',
  connect: 'opening a connection',
  queue: 'waiting for the connection',
  statement: 'executing',
  fetch: 'calling',
}

/** The longest wait in words, such as "1203 of 1500 ms went on executing SELECT …". */
export function describeAccount({ totalMs, longest }: TimeAccount): string | undefined {
  const [first] = longest
  if (first === undefined) return undefined
  const detail = first.detail === undefined ? '' : ` ${first.detail.replaceAll(/\s+/g, ' ')}`
  return `${Math.round(first.ms)} of ${Math.round(totalMs)} ms went on ${WORDS[first.kind]}${detail}`
}
