import type { ReportedFinding } from '@ctx-fix/core'

/** The sentence without the way to the sink, which has a line of its own. */
export function getSentence({ message, chain }: ReportedFinding): string {
  const way = ` It leads to ${chain
    .slice(1)
    .map((link) => link.name)
    .join(' → ')}.`
  return message.endsWith(way) ? message.slice(0, -way.length) : message
}

/** `users.byId → pool.query (src/users.ts:12)`, where the finding is not the sink itself. */
export function getWay({ chain }: ReportedFinding): string | undefined {
  const last = chain.at(-1)
  if (!last || chain.length < 2) return undefined
  return `${chain.map((link) => link.name).join(' → ')} (${last.file}:${String(last.line)})`
}
