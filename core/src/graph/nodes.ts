import type { CallSite, Expr, ExprId, FileFacts } from '../facts/types.js'
import { isCallback } from '../resolve/callbacks.js'
import type { CallExpr } from '../resolve/calls.js'
import { iterating } from '../resolve/context.js'
import { storing } from '../resolve/expected-types.js'
import type { Resolver } from '../resolve/resolver.js'
import { callSignatures } from '../resolve/type-members.js'
import type { Value } from '../resolve/values.js'
import { forwardedSink, isForwarding } from './forwarding.js'
import { withLazyQueries, type SiteRef } from './lazy.js'
import { knownNodes, type KnownNodes } from './known-nodes.js'
import { isHandedToMemoiser } from './memoised.js'
import { fnKey, type CallNode, type FnKey, type FnRef, type SinkUse } from './model.js'
import { calleeText } from './names.js'
import { implementations, overrides } from './overrides.js'
import { placedFunctions } from './placed.js'
import { shiftOf } from './shifted.js'
import { acceptance, sinkOf, withParts } from './sinks.js'
import type { Given } from './given.js'
import { slotOf, type Slot } from './slots.js'

const missing: Given = { k: 'missing' }
const opaque: Given = { k: 'opaque' }
const promiseMethods = new Set(['then', 'catch', 'finally'])

/** Every call of the program that reaches an own function, does I/O, or takes a signal. */
export function findCalls(r: Resolver, signalNames: ReadonlySet<string>): readonly CallNode[] {
  const reader = new CallReader(r, signalNames)
  const found: CallNode[] = []
  for (const [file, facts] of r.files)
    for (const site of [...facts.calls, ...facts.uses]) found.push(...reader.nodesAt(file, site))
  return withParts(r, withLazyQueries(r, found, reader.sites))
}

/**
 * One file's calls, and those in the functions that the open ones lead to: all that a verdict on the file's
 * own calls rests on, at a cost that does not grow with what the file imports besides.
 */
export function findCallsFrom(
  r: Resolver,
  signalNames: ReadonlySet<string>,
  file: string,
  isOpen: (node: CallNode) => boolean,
): readonly CallNode[] {
  const reader = new CallReader(r, signalNames)
  const seen = new Set<FnKey>()
  const { calls, uses } = r.program.facts(file)
  const own = new Map<CallSite, readonly CallNode[]>()
  for (const site of [...calls, ...uses]) own.set(site, reader.nodesAt(file, site))
  const found = [...own.values()].flat()
  const open = found.filter(isOpen)
  for (const node of open)
    for (const target of node.targets) {
      if (seen.has(fnKey(target))) continue
      for (const site of r.index(target.file).callsBelow(target.fn)) {
        if (seen.has(fnKey({ file: target.file, fn: site.fn }))) continue
        const below = target.file === file ? own.get(site) : reader.nodesAt(target.file, site)
        if (target.file !== file) found.push(...(below ?? []))
        open.push(...(below ?? []))
      }
      markBelow(r, target, seen)
    }
  return withParts(r, withLazyQueries(r, found, reader.sites))
}

/** A function and those inside it have been read. */
function markBelow(r: Resolver, { file, fn }: FnRef, seen: Set<FnKey>): void {
  seen.add(fnKey({ file, fn }))
  for (const inner of r.index(file).functionsIn(fn)) markBelow(r, { file, fn: inner }, seen)
}

/** Reads call sites into nodes. */
class CallReader {
  /** All that was asked for. */
  readonly sites: SiteRef[] = []
  readonly #known: KnownNodes

  constructor(
    readonly r: Resolver,
    readonly signalNames: ReadonlySet<string>,
  ) {
    this.#known = knownNodes(r, signalNames)
  }

  nodesAt(file: string, site: CallSite): readonly CallNode[] {
    this.sites.push({ file, site })
    return this.#known.at(site, () => this.#read(file, site))
  }

  #read(file: string, site: CallSite): readonly Omit<CallNode, 'id'>[] {
    const { r, signalNames } = this
    const facts = r.program.facts(file)
    const call = facts.exprs[site.expr]
    if (!call || (call.k !== 'call' && call.k !== 'new' && call.k !== 'tag')) return []
    const node = callNode(r, file, facts, site, call, r.gate(), signalNames)
    const found = references(r, file, facts, site, call, signalNames)
    return node ? [node, ...found] : found
  }
}

function callNode(
  r: Resolver,
  file: string,
  facts: FileFacts,
  site: CallSite,
  call: CallExpr,
  gate: ReadonlySet<string>,
  signalNames: ReadonlySet<string>,
): Omit<CallNode, 'id'> | undefined {
  const callee = facts.exprs[call.callee]
  if (!callee) return undefined
  const name = callee.k === 'id' || callee.k === 'member' ? callee.name : ''
  if (name !== '' && !gate.has(name)) return undefined
  // Handed over on the spot, a method is a reference; what is kept is called where it is taken out.
  if (name === 'bind' && (!isHandedOver(r, file, site) || isBoundReference(r, file, site.expr)))
    return undefined
  const called = r.expr(file, call.callee)
  if (called.length === 0) return undefined
  const values = called.flatMap((each) => [each, ...callSignatures(r, each)])
  const constructs = call.k === 'new' || callee.k === 'super'
  const targets = constructs
    ? constructors(r, values)
    : bodies(r, values, isSuperCall(facts, callee))
  const sink =
    call.k === 'new'
      ? undefined
      : (sinkOf(r, file, call, values, targets.length > 0) ?? forwardedSink(r, file, call, called))
  const accepting = constructs ? targets.map(asFunction) : values
  const shift = sink ? undefined : shiftOf(r, file, call)
  const taken = acceptance(r, file, call, accepting, sink, signalNames, shift)
  const accepted = isSuperCall(facts, callee) && isIdle(r, targets, taken?.slot) ? undefined : taken
  if (targets.length === 0 && !sink && !accepted) return undefined
  if (accepted && recursesAlike(r, file, site, call, targets)) return undefined
  return {
    file,
    expr: site.expr,
    site,
    fn: site.fn,
    kind: 'call',
    callee: { start: callee.start, end: callee.end },
    name: calleeText(r, file, call.callee, name),
    targets,
    sink,
    slot: accepted?.slot,
    given: sink && isForwarding(r, file, site.fn, call) ? opaque : (accepted?.given ?? missing),
    unawaited: isUnawaited(r, facts, site, call, targets, sink),
    ...(shift ? { shift } : {}),
  }
}

function isHandedOver(r: Resolver, file: string, site: CallSite): boolean {
  const place = r.index(file).argumentOf(site.expr)
  const call = place && r.program.expr(file, place.call)
  const callee = call?.k === 'call' ? r.program.expr(file, call.callee) : undefined
  return place !== undefined && !(callee?.k === 'member' && storing.has(callee.name))
}

function isUnawaited(
  r: Resolver,
  facts: FileFacts,
  site: CallSite,
  call: CallExpr,
  targets: readonly FnRef[],
  sink: SinkUse | undefined,
): boolean {
  if (site.use === 'void') return true
  if (site.use === 'chain-discard') return !site.chainedThen
  if (site.use !== 'discard' || call.k === 'tag') return false
  // With a callback the caller waits for that.
  if (call.args.some((arg) => isCallback(r.program, facts.path, arg))) return false
  if (sink) return true
  return targets.some(({ file, fn }) => r.program.fn(file, fn).async)
}

/** `super.find()` runs the base class's method, whatever overrides it. */
function isSuperCall(facts: FileFacts, callee: { k: string; object?: number }): boolean {
  return callee.object !== undefined && facts.exprs[callee.object]?.k === 'super'
}

/** `_signal` is there for overrides: what is passed to the function itself comes to nothing. */
function isIdle(r: Resolver, targets: readonly FnRef[], slot: Slot | undefined): boolean {
  if (slot?.kind !== 'argument') return false
  return targets.every(({ file, fn }) =>
    r.program.fn(file, fn).params[slot.index]?.name?.startsWith('_'),
  )
}

/** What `new` runs, or `super(…)`: the class's own constructor, else that which it inherits. */
function constructors(r: Resolver, values: readonly Value[], depth = 0): FnRef[] {
  return values.flatMap((value): FnRef[] => {
    if ((value.k !== 'cls' && value.k !== 'inst') || depth > 8) return []
    const { file, cls } = value
    const own = r.program.cls(file, cls).members.find((each) => each.kind === 'constructor')
    if (own?.fn !== undefined) return [{ file, fn: own.fn }]
    return constructors(r, r.superValues(file, cls), depth + 1)
  })
}

/** A constructor, whose parameters are asked about as those of a function. */
function asFunction({ file, fn }: FnRef): Value {
  return { k: 'fn', file, fn, overloads: [fn], receiver: undefined, by: 'value' }
}

/** The own functions that calling the values can run: overrides and implementations included. */
export function bodies(r: Resolver, values: readonly Value[], exact = false): FnRef[] {
  const found = new Map<string, FnRef>()
  const add = (ref: FnRef) => found.set(`${ref.file}\0${ref.fn}`, ref)
  for (const value of values) {
    if (
      value.k === 'builtin' &&
      (value.name === 'bind' || value.name === 'call' || value.name === 'apply')
    )
      for (const each of bodies(r, [value.of])) add(each)
    if (value.k === 'fn') {
      if (r.program.fn(value.file, value.fn).hasBody) add({ file: value.file, fn: value.fn })
      if (!exact) for (const each of overrides(r, value)) add(each)
    }
    if (value.k === 'sig' && value.owner)
      for (const each of implementations(r, value.owner, value.name)) add(each)
    if (value.k === 'sig') for (const each of placedFunctions(r, value)) add(each)
  }
  return [...found.values()]
}

/** A function that calls itself with the very arguments it was given: one more would call it for ever. */
function recursesAlike(
  r: Resolver,
  file: string,
  site: CallSite,
  call: CallExpr,
  targets: readonly FnRef[],
): boolean {
  if (call.k === 'tag' || !targets.some((each) => each.file === file && each.fn === site.fn))
    return false
  const { params } = r.program.fn(file, site.fn)
  return call.args.every((arg, index) => {
    const expr = r.program.expr(file, arg)
    return expr.k === 'id' && expr.name === params[index]?.name
  })
}

/** Functions handed to something else by name: `ids.map(load)`, `promise.then(load)`, `run(load)`. */
function references(
  r: Resolver,
  file: string,
  facts: FileFacts,
  site: CallSite,
  call: CallExpr,
  signalNames: ReadonlySet<string>,
): Omit<CallNode, 'id'>[] {
  if (call.k === 'tag') return []
  const places = call.args.flatMap((given, index) =>
    oneOf(r, file, given).map((arg) => ({ arg, index })),
  )
  return places.flatMap(({ arg, index }): Omit<CallNode, 'id'>[] => {
    const consumer = consumerAt(r, file, call, index)
    const named = boundMethod(r, file, arg, consumer) ?? arg
    const expr = facts.exprs[named]
    if (!expr || !nameable.has(expr.k)) return []
    const isCalledThere = consumer === 'iteration' || consumer === 'promise'
    if (!isCalledThere && (expr.k === 'call' || expr.k === 'index')) return []
    if (isPartlyBound(r, file, expr)) return []
    const values = r.expr(file, named)
    const targets = bodies(r, values)
    if (targets.length === 0) return []
    const callee = r.program.expr(file, call.callee)
    // What is put into a collection is called where it is taken out.
    if (callee.k === 'member' && storing.has(callee.name) && isBuiltIn(r, file, call.callee))
      return []
    // What was given to the function goes on to another: the place that named it decides.
    if (consumer === 'own' && isRelayed(r, file, arg)) return []
    const isAskedAlone = isCalledThere || isHandedToMemoiser(r, file, site.fn, arg)
    const found = isAskedAlone
      ? values.map((each) => slotOf(r, each, signalNames)).find((each) => each)
      : undefined
    return [
      {
        file,
        expr: arg,
        site,
        fn: site.fn,
        kind: 'reference',
        callee: { start: expr.start, end: expr.end },
        name: calleeText(r, file, named, ''),
        targets,
        sink: undefined,
        slot: found?.slot,
        given: missing,
        unawaited: false,
        consumer,
      },
    ]
  })
}

const nameable: ReadonlySet<Expr['k']> = new Set(['id', 'member', 'index', 'nonnull', 'call'])

/** `ids.map(isNew ? create : load)` hands over one of two. */
function oneOf(r: Resolver, file: string, id: ExprId): readonly ExprId[] {
  const expr = r.program.expr(file, id)
  if (expr.k === 'either')
    return expr.of.slice(expr.op === '&&' ? 1 : 0, 2).flatMap((each) => oneOf(r, file, each))
  return expr.k === 'as' ? oneOf(r, file, expr.of) : [id]
}

/** `repo.load.bind(repo)`, handed over where it stands, is a reference to `repo.load`. */
function isBoundReference(r: Resolver, file: string, id: ExprId): boolean {
  const place = r.index(file).argumentOf(id)
  const call = place && r.program.expr(file, place.call)
  if (!place || (call?.k !== 'call' && call?.k !== 'new')) return false
  return boundMethod(r, file, id, consumerAt(r, file, call, place.index)) !== undefined
}

/**
 * `repo.load.bind(repo)` hands over `repo.load`. Where an arrow can take its place, any function may be bound to
 * anything: `ids.map(Repo.prototype.load.bind(repo))`.
 */
function boundMethod(
  r: Resolver,
  file: string,
  id: ExprId,
  consumer: Consumer,
): ExprId | undefined {
  const call = r.program.expr(file, id)
  const callee = call.k === 'call' ? r.program.expr(file, call.callee) : undefined
  if (call.k !== 'call' || callee?.k !== 'member' || callee.name !== 'bind') return undefined
  const method = r.program.expr(file, callee.object)
  const [owner, ...bound] = call.args
  if (owner === undefined || bound.length > 0) return undefined
  if (consumer === 'iteration' || consumer === 'promise')
    return method.k === 'member' || method.k === 'id' ? callee.object : undefined
  if (method.k !== 'member') return undefined
  const text = calleeText(r, file, owner, '')
  return text !== '' && text === calleeText(r, file, method.object, '') ? callee.object : undefined
}

/** `load.bind(null, id)` is a call, that the signal can be bound by as well. */
function isPartlyBound(r: Resolver, file: string, expr: Expr): boolean {
  const callee = expr.k === 'call' ? r.program.expr(file, expr.callee) : undefined
  return callee?.k === 'member' && callee.name === 'bind'
}

type Consumer = NonNullable<CallNode['consumer']>

function consumerAt(r: Resolver, file: string, call: CallExpr, index: number): Consumer {
  const callee = r.program.expr(file, call.callee)
  if (isMappedFrom(r, file, callee, index)) return 'iteration'
  return consumerOf(r, file, call.callee, callee.k === 'member' ? callee.name : '')
}

/** `Array.from(ids, load)` */
function isMappedFrom(r: Resolver, file: string, callee: Expr, index: number): boolean {
  if (callee.k !== 'member' || callee.name !== 'from' || index !== 1) return false
  const owner = r.program.expr(file, callee.object)
  return owner.k === 'id' && owner.name === 'Array' && !r.program.lookUp(file, 'Array', owner.scope)
}

/** A method of a Map, a Set or a list. */
function isBuiltIn(r: Resolver, file: string, callee: ExprId): boolean {
  const values = r.expr(file, callee)
  return values.length > 0 && values.every((each) => each.k === 'builtin')
}

function isRelayed(r: Resolver, file: string, id: ExprId): boolean {
  const expr = r.program.expr(file, id)
  return expr.k === 'id' && r.program.lookUp(file, expr.name, expr.scope)?.param !== undefined
}

function consumerOf(r: Resolver, file: string, callee: ExprId, name: string): Consumer {
  const values = r.expr(file, callee)
  const isOpen = values.length === 0 || values.some((each) => each.k === 'builtin')
  if (isOpen && iterating.has(name)) return 'iteration'
  if (isOpen && promiseMethods.has(name)) return 'promise'
  return values.some((each) => each.k === 'fn' || each.k === 'cls' || each.k === 'sig')
    ? 'own'
    : 'foreign'
}
