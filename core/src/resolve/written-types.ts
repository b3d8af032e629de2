import type { TypeId } from '../facts/types.js'
import { exportedType } from './exports.js'
import type { Resolver } from './resolver.js'

/** A type as it is written, before it is asked what it stands for. */
export interface TypeRef {
  readonly file: string
  readonly type: TypeId
}

/** What a container holds, or a member of an object by its name. */
export type Part = { readonly of: 'list' | 'map' } | { readonly prop: string }

const MAX_STEPS = 8
const same = new Set(['Readonly', 'Partial', 'Required', 'NonNullable', 'Promise'])
const lists = new Set(['Array', 'ReadonlyArray', 'Set', 'ReadonlySet'])
const maps = new Set(['Map', 'ReadonlyMap', 'WeakMap'])

/** The types that a part of a written type is written with. */
export function partsOf(r: Resolver, { file, type: id }: TypeRef, part: Part, step = 0): TypeRef[] {
  if (step > MAX_STEPS) return []
  const type = r.program.type(file, id)
  const further = (types: readonly TypeId[]): TypeRef[] =>
    types.flatMap((each) => partsOf(r, { file, type: each }, part, step + 1))
  const found = (types: readonly (TypeId | undefined)[]): TypeRef[] =>
    types.flatMap((each) => (each === undefined ? [] : [{ file, type: each }]))
  switch (type.k) {
    case 'union':
    case 'inter':
      return further(type.of)
    case 'array':
      return isOf(part, 'list') ? found([type.of]) : []
    case 'tuple':
      if ('prop' in part) return found([type.of[Number(part.prop)]])
      return part.of === 'list' ? found(type.of) : []
    case 'lit':
      return 'prop' in part ? found(named(type.members, part.prop)) : []
    case 'ref': {
      const [name = '', ...more] = type.name
      if (more.length > 0) return []
      const declared = declarations(r, file, name, type.scope)
      if (declared)
        return declared.decls.flatMap((index): TypeRef[] => {
          const decl = r.program.facts(declared.file).typeDecls[index]
          if (decl?.type !== undefined)
            return partsOf(r, { file: declared.file, type: decl.type }, part, step + 1)
          const members = decl && 'prop' in part ? named(decl.members, part.prop) : []
          return members.flatMap((each) =>
            each === undefined ? [] : [{ file: declared.file, type: each }],
          )
        })
      if (same.has(name)) return further(type.args.slice(0, 1))
      if (name === 'Record') return isOf(part, 'list') ? [] : found([type.args[1]])
      if (lists.has(name)) return isOf(part, 'list') ? found([type.args[0]]) : []
      return maps.has(name) && isOf(part, 'map') ? found([type.args[1]]) : []
    }
    default:
      return []
  }
}

/** Whether a written type is all of the program's own, and no member of it has a name. */
export function lacksMember(
  r: Resolver,
  { file, type: id }: TypeRef,
  name: string,
  step = 0,
): boolean {
  if (step > MAX_STEPS) return false
  const type = r.program.type(file, id)
  const lacks = (in_: string, each: TypeId): boolean =>
    lacksMember(r, { file: in_, type: each }, name, step + 1)
  switch (type.k) {
    case 'union':
    case 'inter':
      return type.of.every((each) => lacks(file, each))
    case 'lit':
      return isWithout(type.members, name)
    case 'ref': {
      const [first = '', ...more] = type.name
      if (more.length > 0) return false
      const declared = declarations(r, file, first, type.scope)
      if (!declared) {
        const [of] = type.args
        return same.has(first) && of !== undefined && lacks(file, of)
      }
      return declared.decls.every((index) => {
        const decl = r.program.facts(declared.file).typeDecls[index]
        if (!decl) return false
        if (decl.type !== undefined) return lacks(declared.file, decl.type)
        return (
          isWithout(decl.members, name) && decl.extends.every((each) => lacks(declared.file, each))
        )
      })
    }
    default:
      return false
  }
}

/** An index signature or a computed name may be any name. */
function isWithout(members: readonly { readonly name: string }[], name: string): boolean {
  return members.every((each) => each.name !== '' && each.name !== name)
}

function isOf(part: Part, of: 'list' | 'map'): boolean {
  return 'of' in part && part.of === of
}

function named(
  members: readonly { readonly name: string; readonly type: TypeId | undefined }[],
  name: string,
): readonly (TypeId | undefined)[] {
  return members.filter((each) => each.name === name).map((each) => each.type)
}

function declarations(
  r: Resolver,
  file: string,
  name: string,
  scope: number,
): { readonly file: string; readonly decls: readonly number[] } | undefined {
  const decls = r.program.lookUpType(file, name, scope)
  if (decls) return { file, decls }
  const { import: imported } = r.program.lookUp(file, name, scope) ?? {}
  const own = imported && r.program.link(file, imported.module)
  return own === undefined ? undefined : exportedType(r, own, imported?.name ?? '')
}
