import type { Resolver } from './resolver.js'
import { union, type Value } from './values.js'

const nothing: readonly Value[] = []

/** What an import of `name` from `module` gives in a file. `*` is the namespace, `export=` what `require` gives. */
export function moduleValues(
  r: Resolver,
  file: string,
  specifier: string,
  name: string,
): readonly Value[] {
  const own = r.program.link(file, specifier)
  if (own !== undefined) return ownModuleValues(r, own, name)
  const module = r.program.moduleName(file, specifier)
  const lib = r.catalog.byModule(module)
  if (!lib) return generatedValues(r, name) ?? [{ k: 'external', module, name, by: 'value' }]
  if (name === '*' || name === 'export=') {
    const whole = r.catalog.exportOf(module, 'export=')
    if (whole !== undefined && whole !== 'module') return r.described(whole, lib, 'value')
    return [{ k: 'libns', lib, module, by: 'value' }]
  }
  const descriptor =
    r.catalog.exportOf(module, name) ??
    (name === 'default' ? r.catalog.exportOf(module, 'export=') : undefined)
  if (descriptor === undefined) return [{ k: 'external', module, name, by: 'value' }]
  if (descriptor === 'module') return [{ k: 'libns', lib, module, by: 'value' }]
  return r.described(descriptor, lib, 'value')
}

/** `import { PrismaClient } from '../generated/prisma'`, generated or not when the program is read. */
function generatedValues(r: Resolver, name: string): readonly Value[] | undefined {
  const found = r.catalog.generated(name)
  return found && r.described(found.descriptor, found.library, 'value')
}

function ownModuleValues(r: Resolver, file: string, name: string): readonly Value[] {
  const generated = isGenerated(file) ? generatedValues(r, name) : undefined
  // A file beside them may hand the library's own on.
  if (generated) return libraryValues(r.exported(file, name)) ?? generated
  if (name === '*') return [{ k: 'ns', file, by: 'value' }]
  const values = r.exported(file, name)
  if (values.length > 0) return values
  if (name === 'export=') return [{ k: 'ns', file, by: 'value' }]
  if (name === 'default') return r.exported(file, 'export=')
  // `module.exports = { a, b }` imported by name.
  return r.member(r.exported(file, 'export='), name)
}

function libraryValues(values: readonly Value[]): readonly Value[] | undefined {
  return values.some((each) => each.k === 'libns' || each.k === 'libclass') ? values : undefined
}

/** Prisma writes its client into the program when it is told to. */
function isGenerated(file: string): boolean {
  return /(?:^|[/\\])(?:generated|prisma|\.prisma)[/\\]/.test(file)
}

export function exportedValues(r: Resolver, file: string, name: string): readonly Value[] {
  const facts = r.program.facts(file)
  const found: (readonly Value[])[] = []
  for (const each of facts.exports) {
    if (each.name !== name) continue
    if (each.kind === 'expr') found.push(r.expr(file, each.expr))
    else if (each.kind === 'from') found.push(moduleValues(r, file, each.module, each.imported))
    else found.push(localValues(r, file, each.local))
  }
  if (found.length > 0) return union(...found)
  if (name === 'default' || name === 'export=') return nothing
  for (const module of facts.stars) {
    const values = starValues(r, file, module, name)
    if (values.length > 0) return values
  }
  return nothing
}

function starValues(r: Resolver, file: string, module: string, name: string): readonly Value[] {
  const own = r.program.link(file, module)
  if (own !== undefined) return r.exported(own, name)
  return r.catalog.exportOf(r.program.moduleName(file, module), name) === undefined
    ? nothing
    : moduleValues(r, file, module, name)
}

/** A name of the module's own scope: a value, and where there is none of that name, a type. */
export function localValues(r: Resolver, file: string, local: string): readonly Value[] {
  const binding = r.program.lookUp(file, local, 0)
  return binding ? r.binding(file, binding) : nothing
}

/** A type exported by an own file, through barrels. */
export function exportedType(
  r: Resolver,
  file: string,
  name: string,
  seen = new Set<string>(),
): { file: string; decls: readonly number[] } | undefined {
  if (seen.has(file)) return undefined
  seen.add(file)
  const facts = r.program.facts(file)
  for (const each of facts.exports) {
    if (each.name !== name) continue
    if (each.kind === 'from') {
      const own = r.program.link(file, each.module)
      return own === undefined ? undefined : exportedType(r, own, each.imported, seen)
    }
    const value = each.kind === 'expr' ? r.program.expr(file, each.expr) : undefined
    // `export default Context`, which may be a type.
    const local = each.kind === 'local' ? each.local : value?.k === 'id' ? value.name : undefined
    if (local !== undefined) {
      const decls = r.program.lookUpType(file, local, 0)
      if (decls) return { file, decls }
      const imported = r.program.lookUp(file, local, 0)?.import
      const own = imported && r.program.link(file, imported.module)
      return own === undefined ? undefined : exportedType(r, own, imported?.name ?? '', seen)
    }
  }
  for (const module of facts.stars) {
    const own = r.program.link(file, module)
    const found = own === undefined ? undefined : exportedType(r, own, name, seen)
    if (found) return found
  }
  return undefined
}
