import { readFileSync, statSync } from 'node:fs'

const minifiedName = /[.-]min\.[cm]?js$/
const script = /\.[cm]?js$/

/** Below this many bytes a file is not worth opening for it: reading it as code costs little. */
const smallest = 50_000
/** People break their lines, and so do compilers; a mean of this many characters only a minifier reaches. */
const meanLine = 1_000

/**
 * A bundle that is kept in the repository, such as the browser part of a documentation page: thousands of
 * functions with names of one letter, and none of them anybody's to change.
 */
export function isMinified(file: string): boolean {
  if (!script.test(file)) return false
  if (minifiedName.test(file)) return true
  const size = statSync(file).size
  return size >= smallest && size / readFileSync(file, 'latin1').split('\n').length >= meanLine
}
