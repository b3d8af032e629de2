import type { ExprId } from '../facts/types.js'
import type { Resolver } from './resolver.js'
import { union, weaken, type Value } from './values.js'

const putting = new Set(['set', 'decorate'])
/** Objects that last for a request or an application, by the names they go by: `req.db = db`, `app.locals.db = db`. */
const carrying = new Set(['req', 'request', 'ctx', 'context', 'locals', 'state'])

/**
 * Values under string keys: `c.set('db', db)`, `app.decorate('db', db)`, `app.locals.db = db`. Whose method that is cannot always
 * be told, so every call of the name counts; those who ask know that they ask a framework's context.
 */
export class Store {
  readonly #puts = new Map<string, { file: string; value: ExprId }[]>()
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  values(key: string): readonly Value[] {
    const { files } = this.resolver.program
    if (this.#read.size < files.size) for (const file of files.keys()) this.#readOnce(file)
    const { within } = this.resolver
    const puts = (this.#puts.get(key) ?? []).filter((each) => within?.has(each.file) !== false)
    return weaken(union(...puts.map((each) => this.resolver.expr(each.file, each.value))), 'type')
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
      if (call?.k !== 'call' || callee?.k !== 'member' || !putting.has(callee.name)) continue
      const [key, value] = call.args
      const name = key === undefined ? undefined : exprs[key]
      if (name?.k !== 'str' || value === undefined) continue
      this.#put(name.value, file, value)
    }
  }

  #put(key: string, file: string, value: ExprId): void {
    const list = this.#puts.get(key) ?? []
    list.push({ file, value })
    this.#puts.set(key, list)
  }
}
