import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { listAncestors } from './ancestors.js'
import type { Project } from './projects.js'
import { parse } from './tsconfig.js'

/**
 * Puts projects that build on one another together: the packages of a workspace are one program, in which a
 * handler of the one reaches a query in the other, and a function changes at once with its callers. Projects
 * that have nothing to do with one another, and those that `areAlike` keeps apart, stay as they are.
 */
export function joinProjects<T extends Project>(
  projects: readonly T[],
  areAlike: (a: T, b: T) => boolean,
): T[] {
  const foundations = projects.map((each) => createFoundationTest(each))
  const groups = new Map(projects.map((each) => [each, new Set([each])]))
  projects.forEach((a, index) => {
    for (const b of projects) {
      const [one, other] = [groups.get(a), groups.get(b)]
      if (!one || !other || one === other || !areAlike(a, b)) continue
      if (foundations[index]?.(b) !== true) continue
      for (const each of other) groups.set(each, one.add(each))
    }
  })
  return [...new Set(groups.values())].map((group) => {
    const [first, ...others] = projects.filter((each) => group.has(each))
    return first && others.length > 0 ? joinAll([first, ...others]) : (first as T)
  })
}

/** Whether a project builds on another: by its manifest, its path aliases, its references, or the files that it reads. */
function createFoundationTest(project: Project): (other: Project) => boolean {
  const dependencies = dependenciesOf(project.root)
  const aliased = project.tsconfig === undefined ? [] : aliasedFolders(project.tsconfig)
  const references = project.tsconfig === undefined ? [] : referencesOf(project.tsconfig)
  const files = new Set(project.files)
  return (other) => {
    const name = other.root === project.root ? undefined : nameOf(other.root)
    if (name !== undefined && dependencies.has(name)) return true
    if (other.tsconfig !== undefined && references.includes(other.tsconfig)) return true
    return other.report.some(
      (file) => files.has(file) || aliased.some((folder) => file.startsWith(folder)),
    )
  }
}

/** One project of several, its root the folder around theirs; that of most files speaks first. */
function joinAll<T extends Project>(projects: readonly [T, ...T[]]): T {
  const reporters = new Map(
    projects.flatMap((each) => each.report.map((file) => [file, each] as const)),
  )
  const { tsconfig: _, ...first } = projects[0]
  return {
    ...(first as T),
    root: commonFolder(projects.map((each) => each.root)),
    files: unique(projects.flatMap((each) => each.files)),
    report: unique(projects.flatMap((each) => each.report)),
    parts: projects
      .toSorted((a, b) => b.report.length - a.report.length)
      .map((project) => ({
        root: project.root,
        ...(project.tsconfig === undefined ? {} : { tsconfig: project.tsconfig }),
        files: project.files.filter((file) => (reporters.get(file) ?? project) === project),
      })),
  }
}

function commonFolder(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map((each) => each.split(sep))
  const shared = first.findIndex((part, at) => others.some((each) => each[at] !== part))
  return first.slice(0, shared < 0 ? first.length : shared).join(sep) || sep
}

function unique(files: readonly string[]): string[] {
  return [...new Set(files)].sort()
}

function nameOf(folder: string): string | undefined {
  const { name } = readManifest(folder)
  return typeof name === 'string' ? name : undefined
}

function dependenciesOf(folder: string): ReadonlySet<string> {
  const manifest = readManifest(folder)
  const kinds = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']
  return new Set(kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {})))
}

function readManifest(folder: string): Readonly<Record<string, object | undefined>> {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, object>) : {}
  } catch {
    return {}
  }
}

/**
 * The folders that `paths` lead to. They count from the configuration that has them, which `extends` may have
 * brought in from any folder above.
 */
function aliasedFolders(tsconfig: string): string[] {
  const { paths = {}, baseUrl = '.' } = parse(tsconfig).compilerOptions ?? {}
  const starts = listAncestors(dirname(tsconfig)).map((each) => resolve(each, baseUrl))
  const targets = Object.values(paths).flat()
  return targets.flatMap((target) => {
    const folder = target.replace(/\*.*$/, '')
    return starts.map((start) => resolve(start, folder)).find((each) => existsSync(each)) ?? []
  })
}

function referencesOf(tsconfig: string): string[] {
  return (parse(tsconfig).references ?? []).map(({ path }) => {
    const file = resolve(dirname(tsconfig), path)
    return file.endsWith('.json') ? file : join(file, 'tsconfig.json')
  })
}
