import { Program, type FileFacts } from '@ctx-fix/core'
import { linksOf, readFile } from './file-cache.js'
import type { ParseFile } from './parse.js'

/** Enough for the chains of a large application; beyond it the command has the whole program. */
const MAX_FILES = 400

/** The file being linted and all that it imports, directly or not, nearest first. */
export function programAround(facts: FileFacts, parse: ParseFile): Program {
  const files = new Map([[facts.path, facts]])
  const links = new Map([[facts.path, linksOf(facts)]])
  for (const from of links.values())
    for (const path of from.values()) {
      if (files.has(path) || files.size >= MAX_FILES) continue
      const known = readFile(path, parse)
      if (!known) continue
      files.set(path, known.facts)
      links.set(path, known.links)
    }
  return new Program(files, onlyWithin(links, files))
}

/** A link to a file that was not read would lead outside the program. */
function onlyWithin(
  links: ReadonlyMap<string, ReadonlyMap<string, string>>,
  files: ReadonlyMap<string, FileFacts>,
): Map<string, ReadonlyMap<string, string>> {
  const kept = new Map<string, ReadonlyMap<string, string>>()
  for (const [path, targets] of links) {
    const complete = [...targets.values()].every((each) => files.has(each))
    kept.set(path, complete ? targets : new Map([...targets].filter(([, to]) => files.has(to))))
  }
  return kept
}
