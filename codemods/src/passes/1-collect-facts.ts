import { readFile } from 'node:fs/promises'
import type { FileFacts } from '@ctx-fix/core'
import { parseFacts, type ParseFailure } from '../host/parse.js'

export interface Collected {
  readonly facts: ReadonlyMap<string, FileFacts>
  readonly texts: ReadonlyMap<string, string>
  readonly failures: readonly ParseFailure[]
}

/** Reads and parses every file of the program. */
export async function collectFacts(files: readonly string[]): Promise<Collected> {
  const texts = new Map<string, string>()
  for (const file of files) texts.set(file, await readFile(file, 'utf8'))
  return collectFromTexts(texts)
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
