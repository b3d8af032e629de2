import { append } from '../append.js'
import type { Expr, ExprId, FileFacts } from '../facts/types.js'
import { expectedTypes } from '../resolve/expected-types.js'
import type { Resolver } from '../resolve/resolver.js'
import { callSignatures } from '../resolve/type-members.js'
import type { Value } from '../resolve/values.js'
import { fnKey, type FnRef } from './model.js'

type Sig = Value & { readonly k: 'sig' }

/**
 * Which functions stand where a function type of the program is declared, and are called through it later:
 * `const loads: Record<string, Load> = { user: loadUser }`, `loads.push(loadUser)`, `new Cache(loadUser)`.
 * Files may join the program at any time.
 */
class Placed {
  /** Functions, and other signatures, that stand where a signature is declared. */
  readonly #functions = new Map<string, FnRef[]>()
  readonly #sources = new Map<string, Sig[]>()
  /** Signatures that are declared where a function, or what has another signature, stands. */
  readonly #signatures = new Map<string, Sig[]>()
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  readFiles(): this {
    const { files } = this.resolver.program
    if (this.#read.size === files.size) return this
    for (const [file, facts] of files) {
      if (this.#read.has(file)) continue
      this.#read.add(file)
      // Scripts write no types, but for those in comments.
      if (facts.types.length > 0) for (const expr of placesIn(facts)) this.#add(file, expr)
    }
    return this
  }

  functionsAs(sig: Sig): readonly FnRef[] {
    const all = [sig, ...reached(sig, this.#sources)].flatMap(
      (each) => this.#functions.get(signatureKeyOf(each)) ?? [],
    )
    const found = new Map(all.map((each) => [fnKey(each), each]))
    return [...found.values()].sort((a, b) =>
      a.file < b.file ? -1 : a.file > b.file ? 1 : a.fn - b.fn,
    )
  }

  signaturesOf(ref: FnRef): readonly Sig[] {
    const own = this.#signatures.get(fnKey(ref)) ?? []
    return own.flatMap((each) => [each, ...reached(each, this.#signatures)])
  }

  #add(file: string, id: ExprId): void {
    const r = this.resolver
    const expected = expectedTypes(r, file, id)
      .flatMap((each) => r.type(each.file, each.type))
      .flatMap((each) => [each, ...callSignatures(r, each)])
      .filter((each) => each.k === 'sig')
    if (expected.length === 0) return
    for (const value of r.expr(file, id))
      for (const sig of expected) {
        if (value.k === 'fn') {
          const ref = { file: value.file, fn: value.fn }
          append(this.#functions, signatureKeyOf(sig), ref)
          append(this.#signatures, fnKey(ref), sig)
        } else if (value.k === 'sig') {
          append(this.#sources, signatureKeyOf(sig), value)
          append(this.#signatures, signatureKeyOf(value), sig)
        }
      }
  }
}

/** What a signature leads to, over any number of steps. */
function reached(from: Sig, steps: ReadonlyMap<string, readonly Sig[]>): readonly Sig[] {
  const found = new Map<string, Sig>()
  const queue = [...(steps.get(signatureKeyOf(from)) ?? [])]
  for (let sig = queue.pop(); sig; sig = queue.pop()) {
    const key = signatureKeyOf(sig)
    if (found.has(key)) continue
    found.set(key, sig)
    queue.push(...(steps.get(key) ?? []))
  }
  return [...found.values()]
}

const known = new WeakMap<Resolver, Placed>()

function placedIn(r: Resolver): Placed {
  let placed = known.get(r)
  if (!placed) {
    placed = new Placed(r)
    known.set(r, placed)
  }
  return placed.readFiles()
}

/** The functions that a value of which only the signature is known may be. */
export function placedFunctions(r: Resolver, sig: Sig): readonly FnRef[] {
  r.openQuestions += 1
  const found = placedIn(r).functionsAs(sig)
  const { within } = r
  return within ? found.filter((each) => within.has(each.file)) : found
}

/** The signatures of the types that are declared where a function is put. */
export function placedSignatures(r: Resolver, ref: FnRef): readonly Sig[] {
  return placedIn(r).signaturesOf(ref)
}

function signatureKeyOf({ file, sigs }: Sig): string {
  return `sig ${file}\0${sigs[0]?.close ?? 0}`
}

function isPlaceable({ k }: Expr): boolean {
  return k === 'id' || k === 'member' || k === 'fn'
}

/** Names and functions in literals, assignments, collections and what objects are made with. */
function placesIn({ exprs, writes }: FileFacts): readonly ExprId[] {
  const found = new Set<ExprId>(writes.map((each) => each.value))
  for (const expr of exprs) {
    if (expr.k === 'obj') for (const each of expr.props) found.add(each.value)
    if (expr.k === 'arr') for (const each of expr.of) found.add(each)
    if (expr.k === 'assign') found.add(expr.value)
    if (expr.k === 'new' || expr.k === 'call') for (const each of expr.args) found.add(each)
  }
  return [...found].filter((id) => {
    const expr = exprs[id]
    return expr !== undefined && isPlaceable(expr)
  })
}
