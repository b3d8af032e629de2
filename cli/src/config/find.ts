import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { listAncestors } from '../discovery/ancestors.js'
import { UsageError } from '../usage-error.js'

const fileNames = ['js', 'mjs', 'ts', 'json'].map((extension) => `ctx-fix.config.${extension}`)

/** The key of package.json that holds a configuration. */
export const packageKey = 'ctx-fix'

/** The nearest configuration from a folder upward: its own file, or a package.json with the key. */
export function findConfigFile(folder: string): string | undefined {
  for (const ancestor of listAncestors(folder)) {
    const files = fileNames.map((name) => join(ancestor, name)).filter((file) => existsSync(file))
    const manifest = join(ancestor, 'package.json')
    if (hasPackageKey(manifest)) files.push(manifest)
    if (files.length > 1) throw new UsageError(`two configurations, keep one: ${files.join(', ')}`)
    if (files[0]) return files[0]
  }
  return undefined
}

function hasPackageKey(manifest: string): boolean {
  if (!existsSync(manifest)) return false
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
    return typeof content === 'object' && content !== null && packageKey in content
  } catch {
    // A manifest that does not parse is npm's to complain about, and holds no configuration.
    return false
  }
}
