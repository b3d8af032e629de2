import type { Expr, ExprId, FileFacts } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import type { CallNode } from '../graph/model.js'

/** Libraries whose queries run when they are awaited, and not before. */
const lazy = new Set([
  'prisma',
  'knex',
  'objection',
  'drizzle-orm',
  'drizzle-orm/postgres-js',
  'postgres',
  'mongoose',
])

const combinators = new Set(['all', 'allSettled', 'any', 'race'])

/**
 * A query that is put aside to run later: in a list that is worked off one by one, or that a transaction is
 * given. A wrapper around it would start it at once, outside of that transaction.
 */
export function isKeptForLater(analysis: Analysis, node: CallNode): boolean {
  if (!node.sink || !lazy.has(node.sink.library.name)) return false
  if (node.site.use !== 'value' && node.site.use !== 'return') return false
  return new Flow(analysis, node.file).leaves(node.expr)
}

class Flow {
  readonly #facts: FileFacts

  constructor(
    readonly analysis: Analysis,
    readonly file: string,
  ) {
    this.#facts = analysis.resolver.program.facts(file)
  }

  leaves(id: ExprId): boolean {
    const index = this.analysis.resolver.index(this.file)
    const list = index.elementOf(id)
    if (list !== undefined) return this.#listLeaves(list)
    const argument = index.argumentOf(id)
    if (argument) return /^(?:push|unshift)$/.test(this.#calleeName(argument.call))
    const bound = this.#boundTo(id)
    if (bound) return this.#usesOf(bound).some((use) => this.#isInTransaction(use))
    const callback = this.#facts.functions.find((fn) => fn.returns.includes(id))
    if (!callback?.argOf || callback.async) return false
    const name = this.#calleeName(callback.argOf.call)
    return /^(?:map|flatMap)$/.test(name) && this.#listLeaves(callback.argOf.call)
  }

  /** Whether a list of queries goes anywhere but into `Promise.all` and the like. */
  #listLeaves(list: ExprId): boolean {
    if (this.#isCombined(list)) return false
    const bound = this.#boundTo(list)
    return bound === undefined || !this.#usesOf(bound).every((use) => this.#isCombined(use))
  }

  #isCombined(id: ExprId): boolean {
    const index = this.analysis.resolver.index(this.file)
    const spread = this.#spreadOf(id)
    const list = index.elementOf(spread ?? id)
    const argument = index.argumentOf(list ?? id)
    return argument !== undefined && combinators.has(this.#calleeName(argument.call))
  }

  #isInTransaction(id: ExprId): boolean {
    const index = this.analysis.resolver.index(this.file)
    const argument = index.argumentOf(index.elementOf(id) ?? id)
    return argument !== undefined && this.#calleeName(argument.call) === '$transaction'
  }

  #spreadOf(id: ExprId): ExprId | undefined {
    const at = this.#facts.exprs.findIndex((each) => each.k === 'spread' && each.of === id)
    return at === -1 ? undefined : at
  }

  #boundTo(id: ExprId) {
    return this.#facts.bindings.find((each) => each.init === id && each.path.length === 0)
  }

  /** Where a variable is named, other than where it is declared. */
  #usesOf(binding: FileFacts['bindings'][number]): ExprId[] {
    const { program } = this.analysis.resolver
    return this.#facts.exprs.flatMap((each, id) =>
      each.k === 'id' &&
      each.name === binding.name &&
      program.lookUp(this.file, each.name, each.scope) === binding
        ? [id]
        : [],
    )
  }

  #calleeName(call: ExprId): string {
    const expr = this.#facts.exprs[call]
    const callee: Expr | undefined = expr?.k === 'call' ? this.#facts.exprs[expr.callee] : undefined
    return callee?.k === 'member' ? callee.name : ''
  }
}
