import { append } from '../append.js'
import type { ExprId } from '../facts/types.js'
import { libraryCall, type CallExpr } from './calls.js'
import type { Resolver } from './resolver.js'
import { union, weaken, type Value } from './values.js'

interface Put {
  readonly file: string
  readonly value: ExprId
}

const putting = new Set(['set', 'decorate'])
/** Objects that last for a request or an application, by the names they go by: `req.db = db`, `app.locals.db = db`. */
const carrying = new Set(['req', 'request', 'ctx', 'context', 'locals', 'state'])

/**
 * Values under string keys: `c.set('db', db)`, `app.decorate('db', db)`, `app.locals.db = db`. Whose method that is cannot always
 * be told, so every call of the name counts; those who ask know that they ask a framework's context.
 */
export class Store {
  readonly #puts = new Map<string, Put[]>()
  readonly #bags: Put[] = []
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  values(key: string): readonly Value[] {
    const { files } = this.resolver.program
    if (this.#read.size < files.size) for (const file of files.keys()) this.#readOnce(file)
    const { within } = this.resolver
    const isMeant = (each: Put) => within?.has(each.file) !== false
    const puts = (this.#puts.get(key) ?? []).filter(isMeant)
    const bags = this.#bags.filter(isMeant).flatMap((each) => this.#bagOf(each))
    return weaken(
      union(
        ...puts.map((each) => this.resolver.expr(each.file, each.value)),
        this.resolver.member(bags, key),
      ),
      'type',
    )
  }

  /** `startStandaloneServer(server, { context: async () => ({ db }) })` */
  #bagOf({ file, value }: Put): readonly Value[] {
    const r = this.resolver
    return union(
      ...r
        .expr(file, value)
        .map((each) => r.settled(each.k === 'fn' ? r.returnedBy(each.file, each.fn) : [each])),
    )
  }

  #readOnce(file: string): void {
    if (this.#read.has(file)) return
    this.#read.add(file)
    const { calls, writes, exprs } = this.resolver.program.facts(file)
    for (const write of writes) {
      const object = exprs[write.object]
      if (!object || !('name' in object) || !carrying.has(object.name)) continue
      this.#put(write.name, file, write.value)
    }
    for (const site of calls) {
      const call = exprs[site.expr]
      const callee = call?.k === 'call' ? exprs[call.callee] : undefined
      if (call && 'args' in call) this.#readBags(file, call)
      if (call?.k !== 'call' || callee?.k !== 'member' || !putting.has(callee.name)) continue
      const [key, value] = call.args
      const name = key === undefined ? undefined : exprs[key]
      if (name?.k !== 'str' || value === undefined) continue
      this.#put(name.value, file, value)
    }
  }

  #readBags(file: string, call: CallExpr & { args: readonly ExprId[] }): void {
    const { exprs } = this.resolver.program.facts(file)
    const callee = exprs[call.callee]
    if (!callee || !('name' in callee) || !this.resolver.catalog.keeping.has(callee.name)) return
    for (const target of this.resolver.expr(file, call.callee)) {
      const key = libraryCall(target, call.k)?.member.keeps
      if (key === undefined) continue
      for (const arg of call.args) {
        const options = exprs[arg]
        const prop = options?.k === 'obj' && options.props.find((each) => each.name === key)
        if (prop) this.#bags.push({ file, value: prop.value })
      }
    }
  }

  #put(key: string, file: string, value: ExprId): void {
    append(this.#puts, key, { file, value })
  }
}
