import { traitOf } from '../catalog/index.js'
import type { CallSite, ExprId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import { isLazy } from '../resolve/described.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { bareNode } from './bare-node.js'
import { callersOf } from './callers.js'
import { fnKey, type CallNode, type FnKey, type FnRef, type SinkUse } from './model.js'

/** A call, or a name that is awaited or returned. */
export interface SiteRef {
  readonly file: string
  readonly site: CallSite
}

/** The nodes with those that are, or on top of a call's targets become, the run of a lazy query. */
export function withLazyQueries(
  r: Resolver,
  nodes: readonly CallNode[],
  sites: readonly SiteRef[],
): readonly CallNode[] {
  if (!r.hasLazy()) return nodes
  const queries = new LazyQueries(r, nodes)
  let known: ReadonlyMap<string, number> | undefined
  const all = [...nodes]
  for (const { file, site } of sites) {
    const sink = queries.sinkAt(file, site)
    if (!sink) continue
    known ??= callsAmong(nodes)
    const index = known.get(`${file}\0${site.expr}`)
    const node = index === undefined ? undefined : all[index]
    if (node?.sink) continue
    const wraps = sink.spec.carriers.some((each) => each.kind === 'wrap')
    const query: CallNode = {
      // Below the numbers of calls.
      ...(node ?? bareNode(r, file, site, -1 - all.length, 'query')),
      sink,
      slot: wraps ? { kind: 'wrap' } : undefined,
      given: queries.isCancelledByHand(file, site.expr) ? { k: 'opaque' } : { k: 'missing' },
    }
    if (index === undefined) all.push(query)
    else all[index] = query
  }
  return all
}

function callsAmong(nodes: readonly CallNode[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  nodes.forEach((node, index) => {
    if (node.kind === 'call') found.set(`${node.file}\0${node.expr}`, index)
  })
  return found
}

/**
 * Where lazy queries run: builders that are awaited, returned from an async function, given to
 * `Promise.all` or the object of `.then`.
 *
 * A function that is not async and returns a builder runs it at its `return`, unless one of its callers
 * chains on it, stores it or passes it on; then it runs where the callers await it. A builder that a
 * function was given and hands back, and one that a callback gives to a library's builder (`qb => qb.where()`),
 * are not run there.
 */
class LazyQueries {
  #callers: ReadonlyMap<FnKey, readonly CallNode[]> | undefined
  readonly #runs = new Map<FnKey, boolean>()

  constructor(
    readonly resolver: Resolver,
    readonly nodes: readonly CallNode[],
  ) {}

  /** The query that runs at a site, where one does. */
  sinkAt(file: string, site: CallSite): SinkUse | undefined {
    const r = this.resolver
    const way = this.#wayOf(file, site)
    if (!way) return undefined
    const value = r.expr(file, site.expr).find(isLazy)
    const spec = value?.k === 'lib' ? traitOf(value.lib, value.entity, 'awaited') : undefined
    if (value?.k !== 'lib' || !spec) return undefined
    if (this.#ranBelow(file, site.expr)) return undefined
    if (way === 'return' && !this.#runsWhereReturned({ file, fn: site.fn })) return undefined
    return { library: value.lib, api: value.entity, spec, by: value.by, sql: undefined }
  }

  /** `now`: whoever calls the function waits for the query; `return`: the caller may or may not. */
  #wayOf(file: string, site: CallSite): 'now' | 'return' | undefined {
    const r = this.resolver
    if (r.index(file).isChained(site.expr) || site.use === 'await') return 'now'
    if (site.use === 'value' && this.#isCollected(file, site.expr)) return 'now'
    if (site.use === 'value' && this.#isPipelined(file, site)) return 'now'
    if (site.use !== 'return') return undefined
    const fn = r.program.fn(file, site.fn)
    return fn.async || fn.generator ? 'now' : 'return'
  }

  /** A call of an own function that runs what it returns. */
  #ranBelow(file: string, id: ExprId): boolean {
    const r = this.resolver
    const expr = r.program.expr(file, id)
    if (expr.k !== 'call') return false
    return r
      .expr(file, expr.callee)
      .some(
        (each) =>
          each.k === 'fn' &&
          r.program.fn(each.file, each.fn).hasBody &&
          this.#runsWhereReturned(each),
      )
  }

  #runsWhereReturned(ref: FnRef): boolean {
    const key = fnKey(ref)
    const known = this.#runs.get(key)
    if (known !== undefined) return known
    // A function that calls itself adds no further caller.
    this.#runs.set(key, true)
    const runs = this.#isRun(ref)
    this.#runs.set(key, runs)
    return runs
  }

  #isRun(ref: FnRef): boolean {
    const r = this.resolver
    const { file } = ref
    const fn = r.program.fn(file, ref.fn)
    if (fn.async || fn.kind === 'module') return true
    if (fn.returns.some((each) => this.#isGiven(file, each))) return false
    if (fn.argOf && !this.#isAwaitedBy(file, fn.argOf.call)) return false
    this.#callers ??= callersOf(this.nodes)
    return (this.#callers.get(fnKey(ref)) ?? []).every((node) => this.#isPlain(node))
  }

  /** Whether the caller does nothing with the builder but to wait for it. */
  #isPlain(node: CallNode): boolean {
    if (node.kind === 'reference') return true
    const r = this.resolver
    const { use } = node.site
    if (use === 'await' || r.index(node.file).isChained(node.expr)) return true
    if (use === 'value') return this.#isCollected(node.file, node.expr)
    if (use !== 'return') return true
    const around = { file: node.file, fn: node.fn }
    return r.program.fn(node.file, node.fn).async || this.#runsWhereReturned(around)
  }

  /** `tasks.push(query)`: a list of work that is waited for as a whole. */
  #isCollected(file: string, id: ExprId): boolean {
    const r = this.resolver
    const place = r.index(file).argumentOf(id)
    const call = place && r.program.expr(file, place.call)
    const callee = call?.k === 'call' ? r.program.expr(file, call.callee) : undefined
    return callee?.k === 'member' && callee.name === 'push'
  }

  /** `sql.begin((tx) => [tx`…`, tx`…`])`: a transaction waits for all in the list that it is given. */
  #isPipelined(file: string, site: CallSite): boolean {
    const r = this.resolver
    const list = r.index(file).elementOf(site.expr)
    const { returns, argOf } = r.program.fn(file, site.fn)
    const call = argOf && r.program.expr(file, argOf.call)
    if (list === undefined || !returns.includes(list) || call?.k !== 'call') return false
    return r.expr(file, call.callee).some((each) => libraryCall(each)?.member.transaction === true)
  }

  /**
   * A library's builder calls its callback for what it adds; transactions, promises and arrays hand on its
   * result, and so does what promises the result: `withSignal(signal, () => query)`.
   */
  #isAwaitedBy(file: string, id: ExprId): boolean {
    const r = this.resolver
    const call = r.program.expr(file, id)
    if (call.k !== 'call') return true
    const values = r.expr(file, call.callee)
    const described = values.flatMap((each) => libraryCall(each) ?? [])
    return (
      described.length === 0 ||
      described.some(
        ({ member }) =>
          member.transaction === true || /^Promise<arg\d\(\)>$/.test(member.returns ?? ''),
      )
    )
  }

  /** The innermost builder of a chain is a parameter, or the object that the method belongs to. */
  #isGiven(file: string, id: ExprId, depth = 0): boolean {
    const r = this.resolver
    const expr = r.program.expr(file, id)
    if (expr.k === 'this' || expr.k === 'super')
      return r.expr(file, id).some((each) => isOwnBuilder(r, each))
    if (depth > 40 || !r.expr(file, id).some(isLazy)) return false
    switch (expr.k) {
      case 'call': {
        const callee = r.program.expr(file, expr.callee)
        return callee.k === 'member' && this.#isGiven(file, callee.object, depth + 1)
      }
      case 'as':
      case 'nonnull':
        return this.#isGiven(file, expr.of, depth + 1)
      case 'either':
        return expr.of.slice(0, 2).some((each) => this.#isGiven(file, each, depth + 1))
      case 'id': {
        const binding = r.program.lookUp(file, expr.name, expr.scope)
        if (!binding) return false
        if (binding.param) return true
        return binding.init !== undefined && this.#isGiven(file, binding.init, depth + 1)
      }
      default:
        return false
    }
  }

  /** `signal.addEventListener('abort', () => query.cancel())`: the query is cancelled by hand. */
  isCancelledByHand(file: string, id: ExprId): boolean {
    const r = this.resolver
    const expr = r.program.expr(file, id)
    if (expr.k !== 'id') return false
    const binding = r.program.lookUp(file, expr.name, expr.scope)
    const facts = r.program.facts(file)
    return facts.calls.some((site) => {
      const call = facts.exprs[site.expr]
      const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'member') return false
      const object = facts.exprs[callee.object]
      return (
        object?.k === 'id' &&
        object.name === expr.name &&
        r.program.lookUp(file, object.name, object.scope) === binding &&
        r.expr(file, call.callee).some(cancels)
      )
    })
  }
}

/** An instance of a class of the program that extends the library's builder. */
function isOwnBuilder(r: Resolver, value: Value, depth = 0): boolean {
  if (value.k !== 'inst' || depth > 8) return isLazy(value)
  return r.superValues(value.file, value.cls).some((each) => isOwnBuilder(r, each, depth + 1))
}

function cancels(value: Value): boolean {
  return value.k === 'libmember' && value.member.cancels === true
}
