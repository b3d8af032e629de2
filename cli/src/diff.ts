import { relative } from 'node:path'
import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff'
import type { FileChange } from './host.js'
import { toPosix } from './shown-path.js'
import type { Paint } from './terminal.js'

/** A patch that `git apply` or `patch -p1` takes in the same folder. */
export function formatDiff(changes: readonly FileChange[], cwd: string, paint: Paint): string {
  return changes.map((change) => paintPatch(toPatch(change, cwd), paint)).join('')
}

function toPatch({ file, before, after }: FileChange, cwd: string): string {
  const name = toPosix(relative(cwd, file))
  const patch = structuredPatch(`a/${name}`, `b/${name}`, before, after, undefined, undefined, {
    context: 3,
  })
  return formatPatch(patch, FILE_HEADERS_ONLY)
}

function paintPatch(patch: string, paint: Paint): string {
  return patch
    .split('\n')
    .map((line) => {
      if (line.startsWith('--- ') || line.startsWith('+++ ')) return paint('bold', line)
      if (line.startsWith('@@')) return paint('cyan', line)
      if (line.startsWith('+')) return paint('green', line)
      return line.startsWith('-') ? paint('red', line) : line
    })
    .join('\n')
}
