import { isPrefixed, traitOf } from '../catalog/index.js'
import type { Library } from '../catalog/types.js'
import type { Resolver } from './resolver.js'
import { typeMember } from './type-members.js'
import { union, type Value } from './values.js'

const nothing: readonly Value[] = []

/** A member that the catalog does not name: declared or assigned by the program, or made up by the library. */
export function unnamedMember(
  r: Resolver,
  lib: Library,
  entity: string,
  name: string,
  receiver: Value & { k: 'lib' | 'libclass' },
): readonly Value[] {
  const declared = union(
    augmentedMember(r, lib, entity, name),
    r.assigned(receiver, name),
    traitOf(lib, entity, 'stored') === true ? r.stored(name) : nothing,
  )
  const prefixed = receiver.k === 'lib' ? traitOf(lib, entity, 'prefixed') : undefined
  if (declared.length > 0 || !prefixed || !isPrefixed(prefixed.prefixes, name)) return declared
  // Of which class it is an instance is not known: one of the program's has a method of that name.
  const own = receiver.self ? nothing : ownMethods(r, lib, name)
  if (own.length > 0) return own
  const { member } = prefixed
  return [{ k: 'libmember', lib, entity, name, member, receiver, by: receiver.by }]
}

/** `getToken` of a class of the program that extends one of the library's. */
function ownMethods(r: Resolver, lib: Library, name: string): readonly Value[] {
  const found: (readonly Value[])[] = []
  for (const [file, { classes }] of r.files)
    for (const { id, members } of classes) {
      const isNamed = members.some((each) => each.name === name && !each.static)
      if (!isNamed || !r.superValues(file, id).some((each) => each.k === 'lib' && each.lib === lib))
        continue
      found.push(r.member([{ k: 'inst', file, cls: id, args: [], by: 'name' }], name))
    }
  return union(...found)
}

/** `declare module 'fastify' { interface FastifyInstance { pg: Pool } }` */
function augmentedMember(
  r: Resolver,
  lib: Library,
  entity: string,
  name: string,
): readonly Value[] {
  const names = new Set(
    Object.entries(lib.exports).flatMap(([exported, descriptor]) =>
      descriptor === `class ${entity}` ? [exported] : [],
    ),
  )
  const modules = new Set([
    ...lib.modules,
    ...(lib.typePackages ?? []).map((each) => each.replace(/^@types\//, '')),
  ])
  const found: (readonly Value[])[] = []
  for (const [file, facts] of r.program.augmenting())
    for (const augmentation of facts.augmentations) {
      if (!modules.has(augmentation.module) && augmentation.module !== 'global') continue
      facts.typeDecls.forEach((decl) => {
        const inside =
          decl.scope === augmentation.scope ||
          facts.scopes[decl.scope]?.parent === augmentation.scope
        if (!inside || !names.has(decl.name)) return
        found.push(typeMember(r, file, decl.members, name, new Map(), undefined))
        // `interface Cradle extends Services {}`
        for (const parent of decl.extends) found.push(r.member(r.type(file, parent), name))
      })
    }
  return found.length > 0 ? union(...found) : nothing
}
