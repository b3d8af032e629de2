import type { Resolver } from '../resolve/resolver.js'
import { typeKeys, type Value } from '../resolve/values.js'
import type { FnRef } from './model.js'

interface Known {
  /** Files that the program had: with more of them there may be more subtypes. */
  readonly size: number
  readonly members: Map<string, readonly FnRef[]>
}

const known = new WeakMap<Resolver, Known>()

/** The methods that override one, in the classes below the receiver's. */
export function overrides(r: Resolver, value: Value & { k: 'fn' }): readonly FnRef[] {
  const { receiver } = value
  if (receiver?.k !== 'inst') return []
  const { name } = r.program.fn(value.file, value.fn)
  return membersBelow(r, `cls ${receiver.file} ${receiver.cls}`, name)
}

/** The methods that a member of an own interface or object type can be. */
export function implementations(r: Resolver, owner: Value, name: string): readonly FnRef[] {
  return typeKeys(owner).flatMap((key) => [
    ...membersBelow(r, key, name),
    ...r
      .objectsOf(key)
      .flatMap(({ file, expr }) =>
        ownBodies(r, r.member([{ k: 'obj', file, expr, by: 'type' }], name)),
      ),
  ])
}

/** Kept while nothing is being looked for, on which an answer could hang, and by the whole program. */
function membersBelow(r: Resolver, key: string, name: string): readonly FnRef[] {
  if (r.within !== undefined || !r.questions.isIdle) return findBelow(r, key, name)
  const { size } = r.program.files
  let kept = known.get(r)
  if (kept?.size !== size) {
    kept = { size, members: new Map() }
    known.set(r, kept)
  }
  const at = `${key}\0${name}`
  let found = kept.members.get(at)
  if (found) r.openQuestions += 1
  else {
    found = findBelow(r, key, name)
    kept.members.set(at, found)
  }
  return found
}

function findBelow(r: Resolver, key: string, name: string, seen = new Set<string>()): FnRef[] {
  if (seen.has(key)) return []
  seen.add(key)
  return r.subtypes(key).flatMap(({ file, cls }): FnRef[] => {
    const values = r.member([{ k: 'inst', file, cls, args: [], by: 'value' }], name)
    return [...ownBodies(r, values), ...findBelow(r, `cls ${file} ${cls}`, name, seen)]
  })
}

function ownBodies(r: Resolver, values: readonly Value[]): FnRef[] {
  return values.flatMap((each): FnRef[] =>
    each.k === 'fn' && r.program.fn(each.file, each.fn).hasBody
      ? [{ file: each.file, fn: each.fn }]
      : [],
  )
}
