import type { Convention, Entry, Library } from '../catalog/types.js'
import { exported } from '../resolve/definitions.js'
import { leavesOf } from '../resolve/handler-maps.js'
import type { Program } from '../resolve/program.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary } from '../resolve/values.js'
import { entryPoint } from './entry-point.js'
import { isExemptPath } from './exemptions.js'
import { handlersIn } from './handlers-in.js'
import type { EntryPoint, FnRef } from './model.js'

/** Functions that a framework finds by the path of their file and their name: `loader` in `app/routes/users.tsx`. */
export function conventionalEntries(
  r: Resolver,
  file: string,
  libraries: readonly Library[],
): readonly EntryPoint[] {
  return libraries.flatMap((library) =>
    (library.conventions?.calls ?? []).flatMap((call) => calledBy(r, file, library, call)),
  )
}

/** The libraries whose conventions hold in the program: it has them, or some file imports them. */
export function conventionalLibraries(r: Resolver): readonly Library[] {
  return r.catalog.libraries.filter(({ conventions }) =>
    conventions?.packages.some((name) => r.catalog.has(name) || isImported(r, name)),
  )
}

interface Imported {
  /** Files that the program had when it was asked last. */
  files: number
  readonly modules: Set<string>
  readonly packages: Set<string>
}

/** What the files of a program import. */
const imported = new WeakMap<Program, Imported>()

function isImported({ program }: Resolver, name: string): boolean {
  const known = imported.get(program) ?? { files: 0, modules: new Set(), packages: new Set() }
  if (known.files !== program.files.size) {
    for (const { modules } of program.files.values())
      for (const module of modules) {
        if (known.modules.has(module)) continue
        known.modules.add(module)
        known.packages.add(packageOf(module))
      }
    known.files = program.files.size
    imported.set(program, known)
  }
  return known.packages.has(name)
}

function packageOf(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/')
}

function calledBy(
  r: Resolver,
  file: string,
  library: Library,
  convention: Convention,
): readonly EntryPoint[] {
  const { files, directive, unless, entry, given } = convention
  const path = file.replaceAll('\\', '/')
  const match = files === undefined ? undefined : new RegExp(files).exec(path)
  if (files !== undefined && !match) return []
  const { functions } = r.program.facts(file)
  const [module] = functions
  const isApart = (each: string) =>
    unless !== undefined && r.program.facts(each).functions[0]?.directives.includes(unless) === true
  if (isApart(file)) return []
  const lib = convention.library === undefined ? library : r.catalog.byName(convention.library)
  if (!lib) return []
  const point = (ref: FnRef, name: string): EntryPoint => {
    const route = match?.groups?.['route'] ?? ''
    const title = name === 'default' ? `/${route}` : name
    return { ...entryPoint(r, ref, entry, lib, title, true), method: methodOf(name) }
  }
  if (convention.components === true)
    return functions
      .filter((each) => each.parent === 0 && each.async && /^[A-Z]/.test(each.name))
      .map((each) => point({ file, fn: each.id }, `<${each.name}>`))
  if (directive === undefined || module?.directives.includes(directive))
    return exportsOf(r, file, convention).flatMap((name) =>
      functionsUnder(r, file, name, entry)
        // `export { default } from './client.js'`
        .filter((ref) => !isApart(ref.file))
        .filter((ref) => given === undefined || isGiven(r, ref, lib, given, file, name))
        .map((ref) => point(ref, name)),
    )
  return functions
    .filter((each) => each.id !== 0 && each.directives.includes(directive))
    .map((each) => point({ file, fn: each.id }, each.name))
}

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])

function methodOf(name: string): string | undefined {
  return methods.has(name) ? name : undefined
}

function exportsOf(r: Resolver, file: string, convention: Convention): readonly string[] {
  const names = r.program.facts(file).exports.map((each) => each.name)
  return convention.exports.includes('*')
    ? names
    : names.filter((each) => convention.exports.includes(each))
}

/** Whether a function can only be its library's to call: by its first parameter, and since nothing names it. */
function isGiven(
  r: Resolver,
  ref: FnRef,
  lib: Library,
  entity: string,
  file: string,
  name: string,
): boolean {
  const [first, second] = r.program
    .fn(ref.file, ref.fn)
    .params.map(({ type }) => (type === undefined ? [] : r.type(ref.file, type)))
  if (!first?.some((each) => isLibrary(each, lib.name, entity))) return false
  // Where only a file and what it imports are looked at, nobody knows who else names it.
  const isWhole = r.within === undefined
  if (!isWhole) return second?.some((each) => each.k === 'lib' && each.lib === lib) === true
  return !isNamed(r, file, name)
}

/** Whether the program names an export: imports it, or uses it in its own file. Tests do not count. */
function isNamed({ program }: Resolver, file: string, name: string): boolean {
  const isUsed = program.facts(file).exprs.some((each) => each.k === 'id' && each.name === name)
  if (isUsed) return true
  return [...program.files].some(
    ([from, { bindings }]) =>
      !isExemptPath(from) &&
      bindings.some(
        (each) =>
          each.import !== undefined &&
          (each.import.name === name || each.import.name === '*') &&
          program.links.get(from)?.get(each.import.module) === file,
      ),
  )
}

/** A function, what a wrapper was given, or those of an object: `export const actions = { default() {} }`. */
function functionsUnder(r: Resolver, file: string, name: string, entry: Entry): readonly FnRef[] {
  const written = exported(r, file, name).flatMap(({ file: at, expr }) => {
    const { k } = r.program.expr(at, expr)
    if (k === 'call') return handlersIn(r, at, expr, entry)
    if (k !== 'obj') return []
    return leavesOf(r, at, expr, 1)
      .filter((each) => each.path.length === 1)
      .flatMap((each) => handlersIn(r, each.file, each.expr, entry))
  })
  const values = r
    .exported(file, name)
    .flatMap((each) =>
      each.k === 'fn' && r.program.fn(each.file, each.fn).hasBody
        ? [{ file: each.file, fn: each.fn }]
        : [],
    )
  return written.length > 0 ? written : values
}
