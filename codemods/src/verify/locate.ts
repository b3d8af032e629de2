import { readFileSync } from 'node:fs'

/** The 1-based line and column of an offset in a file's text before the edits. */
export function locate(
  file: string,
  offset: number,
  sources: ReadonlyMap<string, string>,
): { line: number; column: number } {
  const text = sources.get(file) ?? readFileSync(file, 'utf8')
  const lines = text.slice(0, offset).split('\n')
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
}
