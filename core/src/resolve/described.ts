import { traitOf } from '../catalog/index.js'
import type { ParsedDescriptor } from '../catalog/descriptor.js'
import type { Library } from '../catalog/types.js'
import type { Resolver } from './resolver.js'
import { union, type Certainty, type Value } from './values.js'

const nothing: readonly Value[] = []

/** Where a descriptor stands: its library, and the call or member that it is about. */
export interface DescriptorPlace {
  readonly lib: Library
  readonly by: Certainty
  readonly receiver: Value | undefined
  readonly args: readonly (readonly Value[])[]
  readonly typeArgs?: readonly (readonly Value[])[]
}

/** The values that a descriptor stands for. */
export function describedValues(
  r: Resolver,
  parts: readonly ParsedDescriptor[],
  place: DescriptorPlace,
): readonly Value[] {
  const { lib, by, receiver, args } = place
  return parts.flatMap((part): readonly Value[] => {
    switch (part.k) {
      case 'instance':
      case 'class': {
        const library = part.library === undefined ? lib : r.catalog.byName(part.library)
        if (!library) return nothing
        return part.k === 'class'
          ? [{ k: 'libclass', lib: library, entity: part.entity, by }]
          : [
              {
                k: 'lib',
                lib: library,
                entity: part.entity,
                args: part.args.map((each) => describedValues(r, each, place)),
                by,
              },
            ]
      }
      case 'module':
        return [{ k: 'libns', lib, module: lib.modules[0] ?? lib.name, by }]
      case 'self':
        return receiver ? [selfOf(receiver)] : nothing
      case 'newSelf':
        return receiver ? instances([selfOf(receiver)]) : nothing
      case 'argument': {
        const values = args[part.index] ?? nothing
        if (part.as === 'result')
          return union(
            ...values.map((each) => (each.k === 'fn' ? r.returnedBy(each.file, each.fn) : nothing)),
          )
        return part.as === 'instance' ? instances(values) : values
      }
      case 'typeArgument':
        return receiver && 'args' in receiver ? (receiver.args[part.index] ?? nothing) : nothing
      case 'callTypeArgument':
        return r.settled(
          union(
            ...(place.typeArgs?.[part.index] ?? nothing).map((each) =>
              each.k === 'fn' ? r.returnedBy(each.file, each.fn) : [each],
            ),
          ),
        )
      case 'promise':
      case 'array':
        return [{ k: part.k, of: describedValues(r, part.of, place), by }]
      case 'nothing':
        return nothing
    }
  })
}

/** A query that runs when it is awaited. */
export function isLazy(value: Value): boolean {
  return value.k === 'lib' && traitOf(value.lib, value.entity, 'awaited') !== undefined
}

/** A library member that a class of the program inherits works on that class. */
function selfOf(receiver: Value): Value {
  // An own class of builders: what it inherits gives the builder, which is awaited as the library's.
  if (receiver.k === 'lib' && isLazy(receiver)) return receiver
  return receiver.k === 'lib' || receiver.k === 'libclass' ? (receiver.self ?? receiver) : receiver
}

/** Instances of the classes among the values. */
export function instances(values: readonly Value[]): readonly Value[] {
  return values.flatMap((value): Value[] => {
    if (value.k === 'cls')
      return [{ k: 'inst', file: value.file, cls: value.cls, args: [], by: value.by }]
    if (value.k === 'libclass')
      return [{ k: 'lib', lib: value.lib, entity: value.entity, args: [], by: value.by }]
    return []
  })
}
