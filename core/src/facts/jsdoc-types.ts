import type { Builder } from './builder.js'
import type { ScopeId, TypeData, TypeId, TypeMember } from './types.js'

/** Longer words than these are taken for prose. */
const LIMIT = 2000
const token =
  /\s*(?:(import|typeof)\b|([\p{ID_Start}$_][\p{ID_Continue}$]*)|('[^']*'|"[^"]*"|`[^`]*`)|(=>|\.{3}|\.<|[\d.]+\b|[^\s]))/uy

/**
 * The types that JSDoc comments write: names, `import('./user').User`, generics, lists, unions, objects.
 * What is not understood is nothing known, never a failure.
 */
export class JSDocTypes<N> {
  #tokens: string[] = []
  #at = 0
  #start = 0
  #scope: ScopeId = 0

  constructor(readonly builder: Builder<N>) {}

  /** Undefined where the text is no type. `start` is where the text stands. */
  read(text: string, start: number, scope: ScopeId): TypeId | undefined {
    if (text.length > LIMIT) return undefined
    this.#tokens = [...tokensOf(text)]
    this.#at = 0
    this.#start = start
    this.#scope = scope
    const type = this.#union()
    return this.#at < this.#tokens.length ? undefined : type
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at]
  }

  #take(wanted: string): boolean {
    if (this.#peek() !== wanted) return false
    this.#at += 1
    return true
  }

  #next(): string {
    this.#at += 1
    return this.#tokens[this.#at - 1] ?? ''
  }

  #add(data: TypeData): TypeId {
    const { types } = this.builder
    types.push({ start: this.#start, end: this.#start, ...data })
    return types.length - 1
  }

  #union(): TypeId {
    this.#take('|')
    const of = [this.#postfix()]
    let isIntersection = false
    for (;;) {
      if (this.#take('&')) isIntersection = true
      else if (!this.#take('|')) break
      of.push(this.#postfix())
    }
    const [only] = of
    return of.length === 1 && only !== undefined
      ? only
      : this.#add({ k: isIntersection ? 'inter' : 'union', of })
  }

  #postfix(): TypeId {
    let type = this.#primary()
    for (;;) {
      if (this.#peek() === '[' && this.#tokens[this.#at + 1] === ']') {
        this.#at += 2
        type = this.#add({ k: 'array', of: type })
      } else if (!this.#take('=') && !this.#take('?') && !this.#take('!')) return type
    }
  }

  #primary(): TypeId {
    const word = this.#next()
    if (word === '?' || word === '!' || word === '...') return this.#postfix()
    if (word === '(') {
      const type = this.#union()
      this.#take(')')
      return type
    }
    if (word === '{') return this.#object()
    if (word === 'import') return this.#import(false)
    if (word === 'typeof') {
      if (this.#take('import')) return this.#import(true)
      return this.#add({ k: 'query', path: [this.#next(), ...this.#path()], scope: this.#scope })
    }
    if (/^['"`]/.test(word)) return this.#add({ k: 'str', value: word.slice(1, -1) })
    if (!/^[\p{ID_Start}$_]/u.test(word)) return this.#add({ k: 'any' })
    const name = [word, ...this.#path()]
    return this.#add({ k: 'ref', name, args: this.#args(), scope: this.#scope })
  }

  #import(isTypeof: boolean): TypeId {
    this.#take('(')
    const module = this.#next().slice(1, -1)
    this.#take(')')
    this.builder.modules.add(module)
    const path = this.#path()
    // Without a name it is what the module gives as a whole: of CommonJS, the class that it exports.
    const named = path.length === 0 ? ['export='] : path
    return this.#add({ k: 'import', module, path: named, args: this.#args(), typeof: isTypeof })
  }

  #path(): string[] {
    const path: string[] = []
    while (this.#take('.')) path.push(this.#next())
    return path
  }

  #args(): TypeId[] {
    if (!this.#take('<') && !this.#take('.<')) return []
    const args = [this.#union()]
    while (this.#take(',')) args.push(this.#union())
    this.#take('>')
    return args
  }

  #object(): TypeId {
    const members: TypeMember[] = []
    while (this.#peek() !== undefined && !this.#take('}')) {
      const name = this.#next().replace(/^['"`]|['"`]$/g, '')
      const optional = this.#take('?')
      const type = this.#take(':') ? this.#union() : undefined
      const at = { start: this.#start, end: this.#start }
      members.push({ ...at, name, type, optional, method: undefined, call: false })
      if (!this.#take(',') && !this.#take(';') && this.#peek() !== '}') break
    }
    return this.#add({ k: 'lit', members })
  }
}

function* tokensOf(text: string): Generator<string> {
  token.lastIndex = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    yield match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''
    if (token.lastIndex >= text.trimEnd().length) return
  }
}
