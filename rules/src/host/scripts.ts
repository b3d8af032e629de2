import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { statsOf } from './modules.js'

const plainScript = /(?<!\.min)\.[cm]?jsx?$/
/** Installed, made by tools, or another program's. */
const skipped = new Set(['node_modules', 'bower_components', 'build', 'coverage', 'dist', 'out'])
/** A package with more of them is not read as a whole. */
const MAX_SCRIPTS = 2_000

/** The folder of the package that a script belongs to; undefined for what is no script. */
export function packageOfScript(path: string): string | undefined {
  const isOwn = plainScript.test(path) && !/[\\/]node_modules[\\/]/.test(path)
  return isOwn ? packageFolder(dirname(path)) : undefined
}

/**
 * The scripts of a package, in the order of their paths; none where it has too many. In plain JavaScript only the
 * calls say what a function is given, and they stand in files that import it.
 */
export function scriptsOf(folder: string, isExempt: (path: string) => boolean): readonly string[] {
  const found: string[] = []
  const folders = [folder]
  // A list hands out what is added while it is read.
  for (const each of folders) {
    for (const entry of entriesOf(each)) {
      const inner = join(each, entry.name)
      if (entry.name.startsWith('.') || skipped.has(entry.name)) continue
      if (entry.isDirectory()) {
        // Not a package of its own within it.
        if (!statsOf(join(inner, 'package.json'))) folders.push(inner)
      } else if (entry.isFile() && plainScript.test(inner) && !isExempt(inner)) found.push(inner)
    }
    if (found.length > MAX_SCRIPTS) return []
  }
  return found.sort()
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

function packageFolder(folder: string): string | undefined {
  if (statsOf(join(folder, 'package.json'))?.isFile() === true) return folder
  const above = dirname(folder)
  return above === folder ? undefined : packageFolder(above)
}
