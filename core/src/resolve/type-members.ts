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
