import { append } from '../append.js'
import { memberOf } from '../catalog/index.js'
import type { Expr, ExprId, FnId } from '../facts/types.js'
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

/**
 * Methods that are put on a class after it was made, `User.prototype.name = function () {}`: on a library's, or
 * on a function that is one.
 */
export class Prototypes {
  readonly #byName = new Map<string, Assigned[]>()
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  /** What has been put on the class of a library's value under a name. */
  member(value: Value & { k: 'lib' | 'libclass' }, name: string): readonly Value[] {
    const r = this.resolver
    this.#readFiles()
    const found = (this.#byName.get(name) ?? []).filter(
      (each) =>
        each.isStatic === (value.k === 'libclass') &&
        r.within?.has(each.file) !== false &&
        r.expr(each.file, each.owner).some((owner) => isClassOf(owner, value)),
    )
    return union(...found.map((each) => r.expr(each.file, each.value)))
  }

  /** Of an instance of a function: what its prototype has, and what the function gives `this`. */
  madeMember({ file, fn }: Value & { k: 'made' }, name: string): readonly Value[] {
    const r = this.resolver
    this.#readFiles()
    const methods = (this.#byName.get(name) ?? []).filter(
      (each) =>
        !each.isStatic &&
        r.within?.has(each.file) !== false &&
        r
          .expr(each.file, each.owner)
          .some((owner) => owner.k === 'fn' && owner.file === file && owner.fn === fn),
    )
    const { writes, exprs } = r.program.facts(file)
    const fields = writes.filter((each) => {
      const target = exprs[each.object]
      return each.name === name && target?.k === 'this' && target.fn === fn
    })
    return union(
      ...methods.map((each) => r.expr(each.file, each.value)),
      ...fields.map((each) => r.expr(file, each.value)),
    )
  }

  /** `this` in such a method. */
  thisIn(file: string, fn: FnId): readonly Value[] {
    const r = this.resolver
    const expr = r.index(file).methodAround(fn)?.expr
    const write = r.program.facts(file).writes.find((each) => each.value === expr)
    if (expr === undefined) return []
    const literal = r.index(file).propertyOf(expr)?.object
    const whole = r.program
      .facts(file)
      .writes.find((each) => each.name === 'prototype' && each.value === literal)
    if (whole) return ownInstances(r.expr(file, whole.object))
    const target = write?.object ?? assignedTo(r, file, expr)
    const object = target === undefined ? undefined : r.program.expr(file, target)
    if (object?.k !== 'member') return []
    const owners = r.expr(file, object.object)
    if (object.name === 'prototype') return ownInstances(owners)
    return owners.flatMap((each) => {
      if (each.k !== 'lib') return []
      const receiver = memberOf(each.lib, each.entity, object.name)?.receiver
      return receiver === undefined ? [] : r.described(receiver, each.lib, each.by, each)
    })
  }

  #readFiles(): void {
    const { files } = this.resolver.program
    if (this.#read.size < files.size) for (const file of files.keys()) this.#readOnce(file)
  }

  #readOnce(file: string): void {
    if (this.#read.has(file)) return
    this.#read.add(file)
    const { writes, exprs } = this.resolver.program.facts(file)
    for (const { object, name, value } of writes) {
      this.#note(file, object, name, value)
      // `Users.prototype = { find() {} }`
      const literal = name === 'prototype' ? exprs[value] : undefined
      for (const prop of literal?.k === 'obj' ? literal.props : [])
        if (prop.name !== undefined && exprs[prop.value]?.k === 'fn')
          append(this.#byName, prop.name, {
            file,
            owner: object,
            isStatic: false,
            value: prop.value,
          })
    }
    for (const { object, args } of this.resolver.index(file).methodCalls('assign')) {
      const [to, ...from] = args
      if (to === undefined || !isNamed(exprs[object], 'Object')) continue
      for (const each of from) {
        const literal = exprs[each]
        if (literal?.k !== 'obj') continue
        for (const prop of literal.props)
          if (prop.name !== undefined) this.#note(file, to, prop.name, prop.value)
      }
    }
  }

  #note(file: string, object: ExprId, name: string, value: ExprId): void {
    const { exprs } = this.resolver.program.facts(file)
    const target = exprs[object]
    if (exprs[value]?.k !== 'fn' || !target) return
    const isMethod = target.k === 'member' && target.name === 'prototype'
    if (!isMethod && target.k !== 'id') return
    append(this.#byName, name, {
      file,
      owner: isMethod ? target.object : object,
      isStatic: !isMethod,
      value,
    })
  }
}

/** `Object.assign(User.prototype, { name() {} })`: what the method is put on. */
function assignedTo(r: Resolver, file: string, method: ExprId): ExprId | undefined {
  const index = r.index(file)
  const literal = index.propertyOf(method)?.object
  const place = literal === undefined ? undefined : index.argumentOf(literal)
  const call = place && r.program.expr(file, place.call)
  if (call?.k !== 'call' || place?.index === 0) return undefined
  const callee = r.program.expr(file, call.callee)
  if (callee.k !== 'member' || callee.name !== 'assign') return undefined
  return isNamed(r.program.expr(file, callee.object), 'Object') ? call.args[0] : undefined
}

export function madeBy({ file, fn, by }: Value & { k: 'fn' }): Value {
  return { k: 'made', file, fn, by }
}

/** Of classes, and of functions that are classes. */
function ownInstances(owners: readonly Value[]): readonly Value[] {
  return [
    ...instances(owners),
    ...owners.flatMap((each) => (each.k === 'fn' ? [madeBy(each)] : [])),
  ]
}

function isNamed(expr: Expr | undefined, name: string): boolean {
  return expr?.k === 'id' && expr.name === name
}

function isClassOf(owner: Value, value: Value & { k: 'lib' | 'libclass' }): boolean {
  return owner.k === 'libclass' && owner.lib === value.lib && owner.entity === value.entity
}
