import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ignore from 'ignore'

/** One `.gitignore`; its patterns are relative to its folder. */
interface IgnoreFile {
  readonly folder: string
  readonly ignores: (path: string) => boolean
}

/** Lists source files without git, honouring every `.gitignore` from `root` down. */
export function walkSources(root: string, isWanted: (file: string) => boolean): string[] {
  return walk(root, [], isWanted)
}

function walk(
  folder: string,
  inherited: readonly IgnoreFile[],
  isWanted: (file: string) => boolean,
): string[] {
  const own = readIgnoreFile(folder)
  const ignoreFiles = own ? [...inherited, own] : inherited
  const files: string[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      // What tools keep, as in `listWithGit`.
      const isSkipped = entry.name.startsWith('.') || entry.name === 'node_modules'
      if (!isSkipped && !isIgnored(`${path}${sep}`, ignoreFiles))
        files.push(...walk(path, ignoreFiles, isWanted))
    } else if (entry.isFile() && isWanted(path) && !isIgnored(path, ignoreFiles)) {
      files.push(path)
    }
  }
  return files
}

function readIgnoreFile(folder: string): IgnoreFile | undefined {
  const file = join(folder, '.gitignore')
  if (!existsSync(file)) return undefined
  const rules = ignore.default().add(readFileSync(file, 'utf8'))
  return { folder, ignores: (path) => rules.ignores(path) }
}

function isIgnored(path: string, ignoreFiles: readonly IgnoreFile[]): boolean {
  return ignoreFiles.some(({ folder, ignores }) => {
    const inside = relative(folder, path).split(sep).join('/')
    // `relative` drops the slash that tells a folder from a file, and `dist/` matches only folders.
    return ignores(path.endsWith(sep) ? `${inside}/` : inside)
  })
}
