import { append } from '../append.js'
import type { ExprId, TypeId } from '../facts/types.js'
import type { Resolver } from './resolver.js'
import { typeKeys, unwrapPromise } from './values.js'

export interface ClassRef {
  readonly file: string
  readonly cls: number
}

export interface ObjectRef {
  readonly file: string
  readonly expr: ExprId
}

/**
 * Which classes extend a class or implement an interface, and which object literals are declared to be of
 * an own type. Files may join the program at any time.
 */
export class Subtypes {
  readonly #found = new Map<string, ClassRef[]>()
  readonly #objects = new Map<string, ObjectRef[]>()
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  of(key: string): readonly ClassRef[] {
    this.#readFiles()
    return this.#found.get(key) ?? []
  }

  /** `const users: Users = { find() {} }`, `(): Users => ({ find() {} })` */
  objects(key: string): readonly ObjectRef[] {
    this.#readFiles()
    return this.#objects.get(key) ?? []
  }

  #readFiles(): void {
    const { files } = this.resolver.program
    if (this.#read.size === files.size) return
    for (const file of files.keys()) this.#readOnce(file)
    // In an order that does not hang on which file was looked at first.
    for (const list of this.#found.values()) list.sort((a, b) => inOrder(a, b) || a.cls - b.cls)
    for (const list of this.#objects.values()) list.sort((a, b) => inOrder(a, b) || a.expr - b.expr)
  }

  #readOnce(file: string): void {
    if (this.#read.has(file)) return
    this.#read.add(file)
    const r = this.resolver
    for (const cls of r.program.facts(file).classes) {
      if (cls.extends !== undefined)
        for (const base of r.expr(file, cls.extends))
          if (base.k === 'cls') this.#add(`cls ${base.file} ${base.cls}`, file, cls.id)
      for (const type of cls.implements)
        for (const value of r.type(file, type)) {
          for (const key of typeKeys(value)) this.#add(key, file, cls.id)
          if (value.k === 'inst') this.#add(`cls ${value.file} ${value.cls}`, file, cls.id)
        }
    }
    const { bindings, functions } = r.program.facts(file)
    for (const { init, type, path } of bindings)
      if (init !== undefined && type !== undefined && path.length === 0)
        this.#addObject(file, init, type)
    for (const { returns, returnType } of functions)
      if (returnType !== undefined)
        for (const each of returns) this.#addObject(file, each, returnType)
  }

  #addObject(file: string, id: ExprId, type: TypeId): void {
    const r = this.resolver
    if (r.program.expr(file, id).k !== 'obj') return
    for (const key of unwrapPromise(r.type(file, type)).flatMap(typeKeys)) {
      append(this.#objects, key, { file, expr: id })
    }
  }

  #add(key: string, file: string, cls: number): void {
    append(this.#found, key, { file, cls })
  }
}

function inOrder(a: { readonly file: string }, b: { readonly file: string }): number {
  return a.file < b.file ? -1 : a.file > b.file ? 1 : 0
}
