import { readFileSync } from 'node:fs'
import type { FileFacts } from '@ctx-fix/core'
import { resolveModule, statsOf } from './modules.js'
import type { ParseFile } from './parse.js'

/** A file as it was read last. */
export interface KnownFile {
  readonly text: string
  readonly facts: FileFacts
  /** Own files that its specifiers lead to. */
  readonly links: ReadonlyMap<string, string>
}

interface Entry {
  readonly stamp: string
  readonly known: KnownFile | undefined
  checked: number
}

/** Within one run nobody edits the files between; in an editor a quarter of a second is soon enough. */
const FRESH_MS = 250

/** Larger files are bundles and generated clients. */
const MAX_SIZE = 1_000_000

const entries = new Map<string, Entry>()

/** Undefined where there is no such file, or it does not parse. */
export function readFile(path: string, parse: ParseFile, now: number): KnownFile | undefined {
  const entry = entries.get(path)
  if (entry && now - entry.checked < FRESH_MS) return entry.known
  const stats = statsOf(path)
  const stamp = stats ? `${stats.mtimeMs}:${stats.size}` : 'none'
  if (entry?.stamp === stamp) {
    entry.checked = now
    return entry.known
  }
  const isReadable = stats?.isFile() === true && stats.size <= MAX_SIZE
  const known = isReadable ? read(path, parse) : undefined
  entries.set(path, { stamp, known, checked: now })
  return known
}

function read(path: string, parse: ParseFile): KnownFile | undefined {
  // The linter, too, sees a text without its byte order mark.
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  const facts = parse(path, text)
  return facts && { text, facts, links: linksOf(facts) }
}

export function linksOf(facts: FileFacts): ReadonlyMap<string, string> {
  const links = new Map<string, string>()
  for (const specifier of facts.modules) {
    const target = resolveModule(facts.path, specifier)
    if (target !== undefined && !/\.d\.[cm]?ts$/.test(target)) links.set(specifier, target)
  }
  return links
}
