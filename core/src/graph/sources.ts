import { entityOf } from '../catalog/index.js'
import type { Entity } from '../catalog/types.js'
import type { Binding, Fn, FnId, ScopeId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import { isSignal, type Value } from '../resolve/values.js'
import { entrySources } from './entry-sources.js'
import { thisSources } from './field-sources.js'
import { bindsLinkedController, freshness, isPassedNowhere, linkedRank } from './freshness.js'
import { callbackSource, familySource } from './offered-sources.js'
import { isAround, keeperOf } from './kept-closures.js'
import { isDeferred, isListener } from './placement.js'
import { fnKey, type CallNode, type EntryPoint, type FnKey, type SignalSource } from './model.js'
import { requestOf, type RequestSpec } from './request.js'
import { isLeftWithout } from './given.js'
import { nullishOf, signalKeys } from './slots.js'
import { isSet } from './visibility.js'

const never = { undefined: false, null: false }
const nothing: readonly SignalSource[] = []
const absent = { undefined: true, null: false }

/** What the search for signals needs to know of the program. */
export interface Scene {
  readonly resolver: Resolver
  readonly entries: ReadonlyMap<FnKey, EntryPoint>
  readonly signalNames: ReadonlySet<string>
  /** Entry points that the program itself calls too: in a test, say. */
  readonly calledEntries: ReadonlySet<FnKey>
}

/**
 * Every signal that a call could pass on: parameters, variables, members of options bags, `this.signal`,
 * and the request of the handler around it. Innermost function first, then the most derived, then a
 * signal before a request. A parameter named with a leading underscore is one the author will not use.
 */
export function sourcesFor(
  scene: Scene,
  node: CallNode,
  /** Also those of a caller that a closure between them outlives. */
  isOutlived = false,
): readonly SignalSource[] {
  const { resolver: r } = scene
  const facts = r.program.facts(node.file)
  const position = r.program.expr(node.file, node.expr).start
  const found: SignalSource[] = []
  const hidden = new Set<string>()
  let depth = 0
  let deferred = false
  // Arrows see the `this` around them; behind any other function it is another object.
  let seesThis = true
  // What is kept by a function further out, or the module, sees what that has, and nothing between.
  let keeper: FnId | undefined
  let fn: FnId = node.fn
  let scope: ScopeId | undefined = node.site.scope
  for (;;) {
    const at: At = { depth, deferred, fn, position, here: node.fn }
    if (fn === keeper) keeper = undefined
    const isOpen = keeper === undefined
    while (scope !== undefined && facts.scopes[scope]?.fn === fn && fn !== 0) {
      const names = facts.scopes[scope]?.names ?? {}
      for (const name in names) {
        const binding = facts.bindings[names[name] ?? -1]
        if (!binding) continue
        const isHidden = hidden.has(name)
        hidden.add(name)
        const sources = isOpen ? bindingSources(scene, node.file, binding, at) : nothing
        if (sources.length === 0) continue
        found.push(...(isHidden ? sources.map((each) => ({ ...each, hidden: true })) : sources))
      }
      scope = facts.scopes[scope]?.parent
    }
    const around: Fn | undefined = facts.functions[fn]
    if (!around || fn === 0) break
    const isArrow = around.kind === 'arrow'
    const field = isArrow && seesThis ? r.index(node.file).fieldAround(around) : undefined
    if (!isArrow || field) {
      const owner = field ? field.member : around
      const cls = field ? field.cls : around.cls
      if (isOpen && seesThis && cls !== undefined && !owner.static && owner.kind !== 'constructor')
        found.push(...thisSources(r, node.file, cls, { fn, depth, deferred }, owner.name))
      seesThis = false
    }
    const entry = scene.entries.get(fnKey({ file: node.file, fn }))
    if (entry && !isOpen) break
    if (entry) {
      const ownFound = found.filter((each) => !isMistyped(scene, entry, each))
      const added = entrySources(scene, node.file, entry, depth, deferred, ownFound)
      found.splice(0, found.length, ...ownFound, ...added)
      break
    }
    if (!isOutlived && isListener(r, node.file, fn)) break
    const signal = isOpen
      ? (callbackSource(scene, node.file, fn, depth, deferred) ??
        familySource(scene, node.file, fn, depth, deferred))
      : undefined
    if (signal && !found.some((each) => each.depth === depth)) found.push(signal)
    deferred ||= isDeferred(r, node.file, fn)
    if (!isOutlived) keeper = outermost(r, node.file, keeper, keeperOf(r, node.file, fn))
    // A class member sees the names around the class, but those are the module's.
    fn = around.parent ?? 0
    scope = facts.scopes[around.scope]?.parent
    depth += 1
  }
  const open = found.filter((each) => each.hidden !== true)
  const seen = open.length > 0 ? open : found
  // A signal that the function made for itself is what is left where nothing else is at hand.
  const callers = seen.filter((each) => each.rank >= 0)
  return order(callers.length > 0 ? callers : seen)
}

function outermost(
  r: Resolver,
  file: string,
  one: FnId | undefined,
  other: FnId | undefined,
): FnId | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return isAround(r, file, one, other) ? one : other
}

/** What the object may not have comes behind the request that the handler does have. */
const ofObject = ({ nullish }: SignalSource): number => (nullish.undefined ? 4 : 2)

function order(found: readonly SignalSource[]): readonly SignalSource[] {
  const weight = (each: SignalSource): number =>
    each.kind === 'request'
      ? 3
      : each.kind === 'this'
        ? ofObject(each)
        : each.kind === 'binding'
          ? 0
          : 1
  return found.toSorted((a, b) => {
    // A closure's own request or parameter comes before what it captures.
    if (a.depth !== b.depth) return a.depth - b.depth
    if (a.rank !== b.rank) return b.rank - a.rank
    return weight(a) - weight(b)
  })
}

/** A signal, a request, or something with members of which one may be a signal. */
function mayOffer({ k }: Value): boolean {
  return k === 'lib' || k === 'iface' || k === 'lit'
}

interface At {
  readonly depth: number
  readonly deferred: boolean
  readonly fn: FnId
  readonly position: number
  readonly here: FnId
}

function bindingSources(
  scene: Scene,
  file: string,
  binding: Binding,
  at: At,
): readonly SignalSource[] {
  const { resolver: r } = scene
  if (binding.name.startsWith('_') || binding.import || binding.fns.length > 0) return nothing
  if (binding.cls !== undefined) return nothing
  if (!isSet(r, file, binding, at)) return nothing
  const values = r.binding(file, binding)
  if (!values.some(mayOffer) && (values.length > 0 || !isNamedSignal(scene, file, binding)))
    return nothing
  const base = {
    fn: at.fn,
    depth: at.depth,
    deferred: at.deferred,
    rank: 0,
    certainty: 'type' as const,
  }
  if (values.some(isSignal)) {
    const fresh = freshness(r, file, binding)
    if (mayBeOther(r, file, binding)) return []
    // One that bounds other work is for that work alone.
    if (fresh === 'unlinked' && !isPassedNowhere(r, file, binding)) return []
    return [
      {
        ...base,
        kind: 'binding',
        text: binding.name,
        rank: fresh === 'unlinked' ? -1 : fresh.rank,
        nullish: bindingNullish(r, file, binding),
      },
    ]
  }
  if (values.length === 0 && isNamedSignal(scene, file, binding))
    return [
      {
        ...base,
        kind: 'binding',
        text: binding.name,
        nullish: { undefined: true, null: false },
        certainty: 'name',
      },
    ]
  if (bindsLinkedController(r, file, binding)) {
    const { undefined: isUnset, null: isNull } = bindingNullish(r, file, binding)
    const isOptional = isUnset || isNull
    return [
      {
        ...base,
        kind: 'member',
        rank: linkedRank(r, file, binding),
        text: `${binding.name}${isOptional ? '?.' : '.'}signal`,
        nullish: { undefined: isOptional, null: false },
      },
    ]
  }
  const request = requestOf(values)
  if (request && binding.param && binding.path.every((step) => 'element' in step))
    return [requestSource(base, binding.name, request, binding.param)]
  const bags = values.filter(
    (each) =>
      each.k === 'iface' ||
      each.k === 'lit' ||
      (each.k === 'lib' && entityOf(each.lib, each.entity)?.signalKey !== undefined),
  )
  if (bags.length > 0 && (binding.param || binding.path.length === 0)) {
    const optional = bindingNullish(r, file, binding)
    // Of a union, only what every member has is there without narrowing.
    const shared = signalKeys(r, bags).filter(
      ({ key }) =>
        bags.every((bag) => signalKeys(r, [bag]).some((each) => each.key === key)) &&
        !isLeftWithout(r, file, binding, key),
    )
    return shared.map((each) => ({
      ...base,
      kind: 'member' as const,
      text: `${binding.name}${optional.undefined || optional.null ? '?.' : '.'}${each.key}`,
      nullish: {
        undefined: each.accepts.undefined || optional.undefined || optional.null,
        null: each.accepts.null,
      },
    }))
  }
  return []
}

/** `x: AbortSignal | string` is a signal only where it has been narrowed to one. */
function mayBeOther(r: Resolver, file: string, binding: Binding): boolean {
  if (binding.type === undefined || binding.path.length > 0) return false
  const type = r.program.type(file, binding.type)
  if (type.k !== 'union') return false
  return type.of.some((each) => {
    const part = r.program.type(file, each)
    return part.k !== 'nothing' && !r.type(file, each).some(isSignal)
  })
}

function isNamedSignal(scene: Scene, file: string, binding: Binding): boolean {
  const step = binding.path.at(-1)
  // `{ signal: outer }`
  const isKey = step !== undefined && 'prop' in step && scene.signalNames.has(step.prop)
  return (
    binding.param !== undefined &&
    binding.type === undefined &&
    /\.[cm]?jsx?$/.test(file) &&
    (isKey || scene.signalNames.has(binding.name))
  )
}

function bindingNullish(
  r: Resolver,
  file: string,
  binding: Binding,
): { undefined: boolean; null: boolean } {
  const param = binding.param && r.program.fn(file, binding.param.fn).params[binding.param.index]
  const own =
    binding.type !== undefined && binding.path.length === 0
      ? nullishOf(r, file, binding.type)
      : never
  const member = binding.path.length > 0 ? pathNullish(r, file, binding) : never
  const optional = param?.optional === true && binding.fallback === undefined
  return {
    undefined: (own.undefined || member.undefined || optional) && binding.fallback === undefined,
    null: own.null || member.null,
  }
}

/** `{ signal }: { signal?: AbortSignal }` binds what may be undefined. */
function pathNullish(
  r: Resolver,
  file: string,
  binding: Binding,
): { undefined: boolean; null: boolean } {
  const [step] = binding.path
  if (binding.type === undefined || !step || !('prop' in step)) return never
  const key = signalKeys(r, r.type(file, binding.type)).find((each) => each.key === step.prop)
  return key ? key.accepts : never
}

function requestSource(
  base: Pick<SignalSource, 'fn' | 'depth' | 'deferred' | 'rank' | 'certainty'>,
  name: string,
  request: RequestSpec,
  param: { fn: FnId; index: number },
): SignalSource {
  const native = request.native === undefined ? undefined : `${name}.${request.native}`
  return {
    ...base,
    kind: 'request',
    text: native ?? `requestSignal(${name})`,
    nullish: native === undefined ? never : absent,
    request: {
      module: request.module,
      native,
      param: name,
      index: param.index,
      fn: param.fn,
      ...(request.behind === undefined ? {} : { behind: request.behind }),
    },
  }
}

/** A handler's request is what its framework gives, though it may be typed by the platform's own `Request`. */
function isMistyped({ resolver: r }: Scene, entry: EntryPoint, source: SignalSource): boolean {
  if (source.request?.native === undefined || source.request.fn !== entry.fn) return false
  const entities = Object.values<Entity>(r.catalog.byName(entry.library)?.entities ?? {})
  const given = entities.flatMap((each) => (each.request ? [each.request] : []))
  return given.length > 0 && given.every((each) => each.native === undefined)
}
