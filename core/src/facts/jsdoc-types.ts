import type { Builder } from './builder.js'
import type { ScopeId, SigParam, TypeData, TypeId, TypeMember } from './types.js'

/** Longer words than these are taken for prose. */
const LIMIT = 2000
const isName = /^[\p{ID_Start}$_]/u
const token =
  /\s*(?:(import|typeof)\b|([\p{ID_Start}$_][\p{ID_Continue}$]*)|('[^']*'|"[^"]*"|`[^`]*`)|(=>|\.{3}|\.<|[\d.]+\b|[^\s]))/uy

/**
 * The types that JSDoc comments write: names, `import('./user').User`, generics, lists, unions, objects.
 * What is not understood is nothing known, never a failure.
 */
export class JSDocTypes<N> {
  #tokens: string[] = []
  /** Offsets of the tokens in the file. */
  #places: number[] = []
  #at = 0
  #scope: ScopeId = 0

  constructor(readonly builder: Builder<N>) {}

  /** Undefined where the text is no type. `start` is the offset of the text in the file. */
  read(text: string, start: number, scope: ScopeId): TypeId | undefined {
    if (text.length > LIMIT) return undefined
    const tokens = [...tokensOf(text)]
    this.#tokens = tokens.map((each) => each.text)
    this.#places = tokens.map((each) => start + each.at)
    this.#at = 0
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

  /** Adds a type that has begun at a token and ends with the one that was read last. */
  #add(from: number, data: TypeData): TypeId {
    const { types } = this.builder
    types.push({ ...this.#span(from), ...data })
    return types.length - 1
  }

  #span(from: number): { start: number; end: number } {
    const last = Math.max(from, this.#at - 1)
    const start = this.#places[from] ?? 0
    return { start, end: (this.#places[last] ?? start) + (this.#tokens[last]?.length ?? 0) }
  }

  #union(): TypeId {
    const from = this.#at
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
      : this.#add(from, { k: isIntersection ? 'inter' : 'union', of })
  }

  #postfix(): TypeId {
    const from = this.#at
    let type = this.#primary()
    for (;;) {
      if (this.#peek() === '[' && this.#tokens[this.#at + 1] === ']') {
        this.#at += 2
        type = this.#add(from, { k: 'array', of: type })
      } else if (!this.#take('=') && !this.#take('?') && !this.#take('!')) return type
    }
  }

  #primary(): TypeId {
    const from = this.#at
    const word = this.#next()
    if (word === '?' || word === '!' || word === '...') return this.#postfix()
    if (word === '(') {
      const made = this.#function(from)
      if (made !== undefined) return made
      const type = this.#union()
      this.#take(')')
      return type
    }
    if (word === '{') return this.#object(from)
    if (word === 'import') return this.#import(from, false)
    if (word === 'typeof') {
      if (this.#take('import')) return this.#import(from, true)
      const path = [this.#next(), ...this.#path()]
      return this.#add(from, { k: 'query', path, scope: this.#scope })
    }
    if (/^['"`]/.test(word)) return this.#add(from, { k: 'str', value: word.slice(1, -1) })
    if (!isName.test(word)) return this.#add(from, { k: 'any' })
    const name = [word, ...this.#path()]
    const args = this.#args()
    return this.#add(from, { k: 'ref', name, args, scope: this.#scope })
  }

  #import(from: number, isTypeof: boolean): TypeId {
    this.#take('(')
    const module = this.#next().slice(1, -1)
    this.#take(')')
    this.builder.modules.add(module)
    const path = this.#path()
    // Without a name it is what the module gives as a whole: of CommonJS, the class that it exports.
    const named = path.length === 0 ? ['export='] : path
    const args = this.#args()
    return this.#add(from, { k: 'import', module, path: named, args, typeof: isTypeof })
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

  /** `(name: string) => void` behind its bracket; nothing where that opens no parameters. */
  #function(from: number): TypeId | undefined {
    const [word, behind] = [this.#peek() ?? '', this.#tokens[this.#at + 1] ?? '']
    const isEmpty = word === ')' && behind === '=>'
    if (!isEmpty && !(isName.test(word) && /^[:?,]$/.test(behind)) && word !== '...')
      return undefined
    const params: SigParam[] = []
    while (this.#peek() !== undefined && this.#peek() !== ')') {
      const first = this.#at
      const rest = this.#take('...')
      const name = this.#next()
      const optional = this.#take('?')
      const type = this.#take(':') ? this.#union() : undefined
      params.push({ ...this.#span(first), name, type, optional, rest })
      if (!this.#take(',')) break
    }
    const close = this.#places[this.#at] ?? 0
    this.#take(')')
    const returns = this.#take('=>') ? this.#union() : undefined
    return this.#add(from, { k: 'fn', sig: { params, returns, close } })
  }

  #object(from: number): TypeId {
    const members: TypeMember[] = []
    while (this.#peek() !== undefined && !this.#take('}')) {
      const first = this.#at
      const name = this.#next().replace(/^['"`]|['"`]$/g, '')
      const optional = this.#take('?')
      const type = this.#take(':') ? this.#union() : undefined
      members.push({ ...this.#span(first), name, type, optional, method: undefined, call: false })
      if (!this.#take(',') && !this.#take(';') && this.#peek() !== '}') break
    }
    return this.#add(from, { k: 'lit', members })
  }
}

interface Token {
  readonly text: string
  /** Offset in the text that is read. */
  readonly at: number
}

function* tokensOf(text: string): Generator<Token> {
  token.lastIndex = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const word = match[1] ?? match[2] ?? match[3] ?? match[4] ?? ''
    yield { text: word, at: token.lastIndex - word.length }
    if (token.lastIndex >= text.trimEnd().length) return
  }
}
