import { memberOf } from '../catalog/index.js'
import type { ExprId, FnId } from '../facts/types.js'
import { instances } from './described.js'
import type { Resolver } from './resolver.js'
import { union, type Value } from './values.js'

interface Assigned {
  readonly file: string
  /** The class: `User` of `User.prototype.name = …` and of `User.name = …`. */
  readonly owner: ExprId
  readonly isStatic: boolean
  readonly value: ExprId
}

/** Methods that are put on a library's class after it was made: `User.prototype.name = function () {}`. */
export class Prototypes {
  readonly #byName = new Map<string, Assigned[]>()
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  /** What has been put on the class of a library's value under a name. */
  member(value: Value & { k: 'lib' | 'libclass' }, name: string): readonly Value[] {
    const r = this.resolver
    const { files } = r.program
    if (this.#read.size < files.size) for (const file of files.keys()) this.#readOnce(file)
    const found = (this.#byName.get(name) ?? []).filter(
      (each) =>
        each.isStatic === (value.k === 'libclass') &&
        r.within?.has(each.file) !== false &&
        r.expr(each.file, each.owner).some((owner) => isClassOf(owner, value)),
    )
    return union(...found.map((each) => r.expr(each.file, each.value)))
  }

  /** `this` in such a method. */
  thisIn(file: string, fn: FnId): readonly Value[] {
    const r = this.resolver
    const expr = r.index(file).methodAround(fn)?.expr
    const write = r.program.facts(file).writes.find((each) => each.value === expr)
    const object = write && r.program.expr(file, write.object)
    if (expr === undefined || object?.k !== 'member') return []
    const owners = r.expr(file, object.object)
    if (object.name === 'prototype') return instances(owners)
    return owners.flatMap((each) => {
      if (each.k !== 'lib') return []
      const receiver = memberOf(each.lib, each.entity, object.name)?.receiver
      return receiver === undefined ? [] : r.described(receiver, each.lib, each.by, each)
    })
  }

  #readOnce(file: string): void {
    if (this.#read.has(file)) return
    this.#read.add(file)
    const { writes, exprs } = this.resolver.program.facts(file)
    for (const { object, name, value } of writes) {
      const target = exprs[object]
      if (exprs[value]?.k !== 'fn' || !target) continue
      const isMethod = target.k === 'member' && target.name === 'prototype'
      if (!isMethod && target.k !== 'id') continue
      const list = this.#byName.get(name) ?? []
      list.push({ file, owner: isMethod ? target.object : object, isStatic: !isMethod, value })
      this.#byName.set(name, list)
    }
  }
}

function isClassOf(owner: Value, value: Value & { k: 'lib' | 'libclass' }): boolean {
  return owner.k === 'libclass' && owner.lib === value.lib && owner.entity === value.entity
}
