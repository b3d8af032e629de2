import type { TypeExpr, TypeId } from '../facts/types.js'
import { matches } from './context.js'
import type { Resolver } from './resolver.js'
import { elements, weaken, type Env, type Value } from './values.js'

const nothing: readonly Value[] = []

/** `T['name']`, `T[number]`, `Parameters<F>[0]`. */
export function indexed(
  r: Resolver,
  file: string,
  { object, key }: TypeExpr & { k: 'index' },
  env: Env,
): readonly Value[] {
  const position = key !== undefined && /^\d+$/.test(key) ? Number(key) : undefined
  const called = position === undefined ? undefined : parametersOf(r, file, object)
  if (position !== undefined && called !== undefined)
    return weaken(parameterAt(r, file, called, position, env), 'type')
  const values = r.type(file, object, env)
  return key === undefined || position !== undefined ? elements(values) : r.member(values, key)
}

/** `F` of `Parameters<F>`. */
function parametersOf(r: Resolver, file: string, id: TypeId): TypeId | undefined {
  const type = r.program.type(file, id)
  return type.k === 'ref' && type.name.length === 1 && type.name[0] === 'Parameters'
    ? type.args[0]
    : undefined
}

/**
 * What functions of a type are given at a position. A callback of a library is known by what the library
 * passes it: `Parameters<Parameters<typeof db.transaction>[0]>[0]` is its transaction.
 */
function parameterAt(
  r: Resolver,
  file: string,
  fn: TypeId,
  position: number,
  env: Env,
): readonly Value[] {
  const type = r.program.type(file, fn)
  const outer = type.k === 'index' ? parametersOf(r, file, type.object) : undefined
  if (type.k === 'index' && outer !== undefined) {
    const given = r.type(file, outer, env).flatMap((value): readonly Value[] => {
      if (value.k !== 'libmember') return nothing
      const { lib, by, receiver, member } = value
      // Where it is the last of a number of arguments that the type does not tell, any position may be it.
      const descriptor = member.callbacks?.find(
        (each) => each.arg === 'last' || matches(each, Number(type.key), Number(type.key)),
      )?.params[position]
      return descriptor === undefined ? nothing : r.described(descriptor, lib, by, receiver)
    })
    if (given.length > 0) return given
  }
  return r.type(file, fn, env).flatMap((value): readonly Value[] => {
    if (value.k === 'fn') {
      const id = r.program.fn(value.file, value.fn).params[position]?.type
      return id === undefined ? nothing : r.type(value.file, id)
    }
    const id = value.k === 'sig' ? value.sigs[0]?.params[position]?.type : undefined
    return value.k === 'sig' && id !== undefined ? r.type(value.file, id, value.env) : nothing
  })
}
