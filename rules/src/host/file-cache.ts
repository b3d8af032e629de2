import { readFileSync } from 'node:fs'
import type { FileFacts } from '@ctx-fix/core'
import { resolveModule, statsOf } from './modules.js'
import type { ParseFile } from './parse.js'

/** An imported file as it was read last. */
export interface KnownFile {
  readonly facts: FileFacts
  /** Own files that its specifiers lead to. */
  readonly links: ReadonlyMap<string, string>
}

interface Entry {
  readonly stamp: string
  readonly known: KnownFile | undefined
  checked: number
}

/** Within one run nobody edits the files between; in an editor half a second is soon enough. */
const FRESH_MS = 500

/** Larger files are bundles and generated clients. */
const MAX_SIZE = 1_000_000

const entries = new Map<string, Entry>()

export function readFile(path: string, parse: ParseFile): KnownFile | undefined {
  const now = Date.now()
  const entry = entries.get(path)
  if (entry && now - entry.checked < FRESH_MS) return entry.known
  const stats = statsOf(path)
  if (!stats || stats.size > MAX_SIZE) return undefined
  const stamp = `${stats.mtimeMs}:${stats.size}`
  if (entry?.stamp === stamp) {
    entry.checked = now
    return entry.known
  }
  const facts = parse(path, readFileSync(path, 'utf8'))
  const known = facts && { facts, links: linksOf(facts) }
  entries.set(path, { stamp, known, checked: now })
  return known
}

export function linksOf(facts: FileFacts): ReadonlyMap<string, string> {
  const links = new Map<string, string>()
  for (const specifier of facts.modules) {
    const target = resolveModule(facts.path, specifier)
    if (target !== undefined && !/\.d\.[cm]?ts$/.test(target)) links.set(specifier, target)
  }
  return links
}
