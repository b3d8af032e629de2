import { relative, sep } from 'node:path'
import { isExemptPath } from '@ctx-fix/core'
import picomatch from 'picomatch'

type IsExempt = (path: string) => boolean

const known = new Map<string, IsExempt>()

/**
 * Tests, migrations and generated files, by their paths from the folder that the linter runs in, and what the
 * settings name besides. Asked for every call of every file, so each path is judged once.
 */
export function exemptionsOf(folder: string, testGlobs: readonly string[] = []): IsExempt {
  const key = [folder, ...testGlobs].join('\0')
  let isExempt = known.get(key)
  if (!isExempt) {
    const matches = testGlobs.map((glob) => picomatch(glob, { dot: true }))
    const answers = new Map<string, boolean>()
    isExempt = (path) => {
      let answer = answers.get(path)
      if (answer === undefined) {
        const inner = withinFolder(folder, path)
        answer = isExemptPath(inner) || matches.some((each) => each(inner))
        answers.set(path, answer)
      }
      return answer
    }
    known.set(key, isExempt)
  }
  return isExempt
}

/** Folders above the project say nothing about a file: a checkout may live below one called `test`. */
function withinFolder(folder: string, path: string): string {
  const inner = relative(folder, path)
  const isBelow = !inner.startsWith(`..${sep}`)
  return (isBelow ? inner : path).replaceAll(sep, '/')
}
