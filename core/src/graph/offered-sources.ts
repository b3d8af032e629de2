import type { FnId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary, isSignal, type Value } from '../resolve/values.js'
import type { CallNode, SignalSource } from './model.js'
import { signalKeys, slotOf } from './slots.js'
import type { Scene } from './sources.js'

/** A callback whose type offers it a signal that it does not declare. */
export function callbackSource(
  scene: Scene,
  file: string,
  id: FnId,
  depth: number,
  deferred: boolean,
): SignalSource | undefined {
  const { resolver: r } = scene
  const fn = r.program.fn(file, id)
  const offered = r.context(file, id)
  const index = offered.findIndex((values, at) => at >= fn.params.length && values.some(isSignal))
  if (index !== fn.params.length) return undefined
  return {
    kind: 'callback',
    text: 'signal',
    fn: id,
    depth,
    deferred,
    rank: 0,
    nullish: { undefined: false, null: false },
    certainty: 'type',
    callback: { fn: id, index },
  }
}

/** A method whose interface or base class hands it a signal that it does not take. */
export function familySource(
  scene: Scene,
  file: string,
  id: FnId,
  depth: number,
  deferred: boolean,
): SignalSource | undefined {
  const { resolver: r } = scene
  const fn = r.program.fn(file, id)
  if (fn.kind !== 'method' || fn.cls === undefined || fn.static) return undefined
  const cls = r.program.cls(file, fn.cls)
  const bases = [
    ...r.superValues(file, cls.id),
    ...cls.implements.flatMap((each) => r.type(file, each)),
  ]
  const declared = r
    .member(bases, fn.name)
    .flatMap((each) => slotOf(r, each, scene.signalNames) ?? [])
  const slot = declared[0]?.slot
  if (slot?.kind !== 'argument' || slot.index !== fn.params.length) return undefined
  return {
    kind: 'callback',
    text: 'signal',
    fn: id,
    depth,
    deferred,
    rank: 0,
    nullish: slot.accepts,
    certainty: 'type',
    callback: { fn: id, index: slot.index, annotation: '?: AbortSignal' },
  }
}

/** The platform's request has a signal as well: `fetch({ url }: Request)`. */
function offeredKeys(r: Resolver, values: readonly Value[]): ReturnType<typeof signalKeys> {
  const accepts = { undefined: false, null: false }
  return values.some((each) => isLibrary(each, 'web', 'Request'))
    ? [{ key: 'signal', accepts, exact: false }]
    : signalKeys(r, values)
}

/** `{ id }: { id: string; signal?: AbortSignal }`: the type offers what the pattern leaves behind. */
export function patternSources(scene: Scene, node: CallNode): readonly SignalSource[] {
  const { resolver: r } = scene
  const fn = r.program.fn(node.file, node.fn)
  return fn.params.flatMap((param, index): SignalSource[] => {
    if (!param.pattern) return []
    const { pattern, type } = param
    // Of a callback, what the type of the function that it is given to says.
    const values =
      type === undefined ? (r.context(node.file, node.fn)[index] ?? []) : r.type(node.file, type)
    return offeredKeys(r, values)
      .filter((each) => !pattern.names.includes(each.key) && !pattern.rest)
      .map((each) => ({
        kind: 'pattern' as const,
        text: each.key,
        fn: node.fn,
        depth: 0,
        deferred: false,
        rank: 0,
        nullish: { undefined: each.accepts.undefined, null: each.accepts.null },
        certainty: 'type' as const,
        pattern: { fn: node.fn, param: index, key: each.key },
      }))
  })
}
