import type { TypeMember } from '../facts/types.js'
import type { Resolver } from './resolver.js'
import { union, type Env, type Value } from './values.js'

const nothing: readonly Value[] = []

/** A member of a written type: its signatures, or the values of its type. */
export function typeMember(
  r: Resolver,
  file: string,
  members: readonly TypeMember[],
  name: string,
  env: Env,
  owner: Value | undefined,
): readonly Value[] {
  const sigs = members.flatMap((each) => (each.name === name && each.method ? [each.method] : []))
  if (sigs.length > 0) return [{ k: 'sig', file, sigs, env, owner, name, by: 'type' }]
  return union(
    ...members.map((each) =>
      each.name === name && each.type !== undefined
        ? ownedBy(r.type(file, each.type, env), owner, name)
        : nothing,
    ),
  )
}

/** A property of function type is as good as a method: implementations are found through its owner. */
function ownedBy(
  values: readonly Value[],
  owner: Value | undefined,
  name: string,
): readonly Value[] {
  return values.map((each) => (each.k === 'sig' && !each.owner ? { ...each, owner, name } : each))
}

/** What calling a value of an own interface or object type calls: `interface Load { (id: string): Promise<User> }`. */
export function callSignatures(r: Resolver, value: Value): (Value & { readonly k: 'sig' })[] {
  if (value.k !== 'iface' && value.k !== 'lit') return []
  const { file, env, by } = value
  const type = value.k === 'lit' ? r.program.type(file, value.type) : undefined
  const members =
    value.k === 'iface'
      ? value.decls.flatMap((each) => r.program.facts(file).typeDecls[each]?.members ?? [])
      : type?.k === 'lit'
        ? type.members
        : []
  const sigs = members.flatMap((each) => (each.call && each.method ? [each.method] : []))
  return sigs.length === 0 ? [] : [{ k: 'sig', file, sigs, env, owner: undefined, name: '', by }]
}
