import type { Resolver } from './resolver.js'

export interface ClassRef {
  readonly file: string
  readonly cls: number
}

/** Which classes extend a class or implement an interface. Files may join the program at any time. */
export class Subtypes {
  readonly #found = new Map<string, ClassRef[]>()
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  of(key: string): readonly ClassRef[] {
    const { files } = this.resolver.program
    if (this.#read.size < files.size) for (const file of files.keys()) this.#readOnce(file)
    return this.#found.get(key) ?? []
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
          if (value.k === 'iface')
            for (const decl of value.decls) this.#add(`iface ${value.file} ${decl}`, file, cls.id)
          if (value.k === 'inst') this.#add(`cls ${value.file} ${value.cls}`, file, cls.id)
        }
    }
  }

  #add(key: string, file: string, cls: number): void {
    const list = this.#found.get(key) ?? []
    list.push({ file, cls })
    this.#found.set(key, list)
  }
}
