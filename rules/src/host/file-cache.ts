import { readFileSync } from 'node:fs'
import type { FileFacts } from '@ctx-fix/core'
import { forgetModules, resolveModule, statsOf } from './modules.js'
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
}

/** Within one run nobody edits the files between; in an editor a quarter of a second is soon enough. */
const FRESH_MS = 250
/** Looking whether files have changed takes no more than this part of the time. */
const SHARE = 1 / 200

/** Larger files are bundles and generated clients. */
const MAX_SIZE = 1_000_000

const entries = new Map<string, Entry>()
let changes = 0
let nextLook = 0

/** How many changes of the files that were read have been seen, looked for now and then. */
export function changesSeen(): number {
  const now = performance.now()
  if (now >= nextLook) {
    for (const path of entries.keys()) forgetChanged(path)
    forgetModules()
    const end = performance.now()
    nextLook = end + Math.max(FRESH_MS, (end - now) / SHARE)
  }
  return changes
}

/** Undefined where there is no such file, or it does not parse. */
export function readFile(path: string, parse: ParseFile): KnownFile | undefined {
  const entry = entries.get(path)
  if (entry) return entry.known
  const stats = statsOf(path)
  const isReadable = stats?.isFile() === true && stats.size <= MAX_SIZE
  const known = isReadable ? read(path, parse) : undefined
  entries.set(path, { stamp: stampOf(path), known })
  return known
}

/** The same, of a file that may have changed this very moment: the one that is linted. */
export function readAgain(path: string, parse: ParseFile): KnownFile | undefined {
  forgetChanged(path)
  return readFile(path, parse)
}

function forgetChanged(path: string): void {
  const entry = entries.get(path)
  if (!entry || entry.stamp === stampOf(path)) return
  entries.delete(path)
  changes += 1
}

function stampOf(path: string): string {
  const stats = statsOf(path)
  return stats ? `${stats.mtimeMs}:${stats.size}` : 'none'
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
