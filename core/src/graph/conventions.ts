import type { Convention, Entry, Library } from '../catalog/types.js'
import { exported } from '../resolve/definitions.js'
import { leavesOf } from '../resolve/handler-maps.js'
import type { Program } from '../resolve/program.js'
import type { Resolver } from '../resolve/resolver.js'
import { entryPoint } from './entry-point.js'
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

/** Packages that the files of a program import, for as many files as it had when that was asked last. */
const imported = new WeakMap<Program, { files: number; names: ReadonlySet<string> }>()

function isImported({ program }: Resolver, name: string): boolean {
  let known = imported.get(program)
  if (known?.files !== program.files.size) {
    const modules = [...program.files.values()].flatMap((each) => each.modules)
    known = { files: program.files.size, names: new Set(modules.map(packageOf)) }
    imported.set(program, known)
  }
  return known.names.has(name)
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
  const { files, directive, unless, entry } = convention
  const path = file.replaceAll('\\', '/')
  const match = files === undefined ? undefined : new RegExp(files).exec(path)
  if (files !== undefined && !match) return []
  const { functions } = r.program.facts(file)
  const [module] = functions
  if (unless !== undefined && module?.directives.includes(unless)) return []
  const lib = convention.library === undefined ? library : r.catalog.byName(convention.library)
  if (!lib) return []
  const point = (ref: FnRef, name: string): EntryPoint => {
    const route = match?.groups?.['route'] ?? ''
    const title = name === 'default' ? `/${route}` : name
    return { ...entryPoint(r, ref, entry, lib, title, true), method: methodOf(name) }
  }
  if (directive === undefined || module?.directives.includes(directive))
    return exportsOf(r, file, convention).flatMap((name) =>
      functionsUnder(r, file, name, entry).map((ref) => point(ref, name)),
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
