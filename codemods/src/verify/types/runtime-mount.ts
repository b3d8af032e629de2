import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { ImportNeed } from '@ctx-fix/core'
import { toSlashes } from './paths.js'

/** Module specifier to the file that declares it. */
export type RuntimeTypes = Readonly<Record<string, string>>

/**
 * Makes packages that the edits import, and that the project has not installed yet, appear in its
 * node_modules. To the compiler our declarations then lie in the project, so that they extend the
 * project's own copy of `pg` and resolve as the package will once it is installed.
 */
export class RuntimeMount {
  /** Folder in the project to what stands behind it. */
  private readonly folders = new Map<string, MountedPackage>()

  constructor(types: RuntimeTypes, needs: readonly ImportNeed[]) {
    const packages = groupByPackage(types)
    for (const { file, module } of needs) {
      const name = packageOf(module)
      const entries = packages.get(name)
      if (!entries || isInstalled(name, dirname(file))) continue
      const folder = toSlashes(join(packageFolder(dirname(file)), 'node_modules', name))
      if (!this.folders.has(folder)) this.folders.set(folder, mountPackage(name, entries))
    }
  }

  /** The text of a mounted file, or undefined for any other path. */
  read(path: string): string | undefined {
    return this.find(path, (mounted, inside) => {
      if (inside === 'package.json') return mounted.manifest
      const real = join(mounted.root, inside)
      return existsSync(real) && statSync(real).isFile() ? readFileSync(real, 'utf8') : undefined
    })
  }

  hasFolder(path: string): boolean {
    for (const folder of this.folders.keys()) if (`${folder}/`.startsWith(`${path}/`)) return true
    return (
      this.find(path, ({ root }, inside) => existsSync(join(root, inside)) || undefined) ?? false
    )
  }

  has(path: string): boolean {
    return this.find(path, () => true) ?? false
  }

  private find<T>(
    path: string,
    look: (mounted: MountedPackage, inside: string) => T | undefined,
  ): T | undefined {
    for (const [folder, mounted] of this.folders) {
      if (!path.startsWith(`${folder}/`)) continue
      const inside = path.slice(folder.length + 1)
      // What our package has installed for itself must not hide what the project has.
      return inside.split('/').includes('node_modules') ? undefined : look(mounted, inside)
    }
    return undefined
  }
}

interface MountedPackage {
  readonly root: string
  readonly manifest: string
}

function mountPackage(name: string, entries: readonly [Entry, ...Entry[]]): MountedPackage {
  const [[, firstFile]] = entries
  const root = packageFolder(dirname(firstFile))
  const paths = entries.map(([specifier, file]) => ({
    subpath: specifier.slice(name.length + 1),
    types: `./${toSlashes(relative(root, file))}`,
  }))
  const manifest = {
    name,
    version: '0.0.0',
    types: paths.find(({ subpath }) => subpath === '')?.types,
    exports: Object.fromEntries(
      paths.map(({ subpath, types }) => [subpath === '' ? '.' : `./${subpath}`, { types }]),
    ),
    // For `moduleResolution: node10`, which does not read `exports`.
    typesVersions: {
      '*': Object.fromEntries(
        paths.map(({ subpath, types }) => [subpath || 'index.d.ts', [types]]),
      ),
    },
  }
  return { root, manifest: JSON.stringify(manifest) }
}

type Entry = readonly [specifier: string, file: string]

function groupByPackage(types: RuntimeTypes): Map<string, [Entry, ...Entry[]]> {
  const packages = new Map<string, [Entry, ...Entry[]]>()
  for (const entry of Object.entries(types)) {
    const name = packageOf(entry[0])
    const group = packages.get(name)
    if (group) group.push(entry)
    else packages.set(name, [entry])
  }
  return packages
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** The nearest folder with a package.json, or the folder itself where there is none. */
function packageFolder(directory: string): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder
    if (folder === dirname(folder)) return directory
  }
}

function isInstalled(name: string, directory: string): boolean {
  if (existsSync(join(directory, 'node_modules', name, 'package.json'))) return true
  const parent = dirname(directory)
  return parent !== directory && isInstalled(name, parent)
}
