import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * The folder and those above it, up to the top of its repository: what lies above belongs to
 * somebody else, as a `package.json` in a home folder does.
 */
export function listAncestors(folder: string): string[] {
  const parent = dirname(folder)
  const isTop = parent === folder || existsSync(join(folder, '.git'))
  return isTop ? [folder] : [folder, ...listAncestors(parent)]
}

/** The nearest of them that holds the file. */
export function findUpward(folder: string, name: string): string | undefined {
  return listAncestors(folder).find((ancestor) => existsSync(join(ancestor, name)))
}
