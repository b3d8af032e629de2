import { readFile } from 'node:fs/promises'
import type { FileFacts } from '@ctx-fix/core'
import { parseFacts, type ParseFailure } from '../host/parse.js'
import type { ModuleLinker } from './2-link-modules.js'

export interface Collected {
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly texts: ReadonlyMap<string, string>
  readonly failures: readonly ParseFailure[]
}

/** Reads and parses every file of the program, and the sources outside of it that they import. */
export async function collectFacts(
  files: readonly string[],
  linker: ModuleLinker,
): Promise<Collected> {
  const texts = new Map<string, string>()
  const facts = new Map<string, FileFacts>()
  const failures: ParseFailure[] = []
  for (let wanted = new Set(files); wanted.size > 0;) {
    const further = new Set<string>()
    for (const file of wanted) {
      const text = await readFile(file, 'utf8')
      texts.set(file, text)
      const result = parseFacts(file, text)
      if ('message' in result) failures.push(result)
      else facts.set(file, result)
    }
    for (const file of wanted) {
      const found = facts.get(file)
      for (const each of found ? linker.sourcesOf(file, found) : [])
        if (!texts.has(each)) further.add(each)
    }
    wanted = further
  }
  return { facts, texts, failures }
}

export function collectFromTexts(texts: ReadonlyMap<string, string>): Collected {
  const facts = new Map<string, FileFacts>()
  const failures: ParseFailure[] = []
  for (const [file, text] of texts) {
    const result = parseFacts(file, text)
    if ('message' in result) failures.push(result)
    else facts.set(file, result)
  }
  return { facts, texts, failures }
}
