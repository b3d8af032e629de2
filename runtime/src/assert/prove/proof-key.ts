import type { LedgerQuery } from '../ledger/query.js'

// What looks like a comment within a text is none.
const TEXT_OR_COMMENT = /('(?:[^']|'')*')|\/\*[^]*?\*\/|--[^\n]*/g
const VALUE = /\$\d+|\b\d+(?:\.\d+)?\b/g
const LIST = /\(\s*\?(?:\s*,\s*\?)*\s*\)(?:\s*,\s*\(\s*\?(?:\s*,\s*\?)*\s*\))*/g

/**
 * What is proven once: a statement, on one way from an entry point to its call site. All that goes through a
 * wrapper has the same site, several statements may go one way, and a line may have several calls. `undefined` where no stack shows the site.
 */
export function keyOf({ entryPointName, stack, sql }: LedgerQuery): string | undefined {
  if (entryPointName === undefined || stack.sites.length === 0) return undefined
  const way = stack.sites.map(({ file, line, column }) => `${file}:${line}:${column}`)
  return [entryPointName, ...way, shapeOf(sql)].join(' < ')
}

/** The statement without its values, which differ from run to run, and without how many they are. */
export function shapeOf(sql: string): string {
  return sql
    .replace(TEXT_OR_COMMENT, (_, text?: string) => (text === undefined ? ' ' : '?'))
    .replace(VALUE, '?')
    .replace(LIST, '(?)')
    .replace(/\s+/g, ' ')
    .trim()
}
