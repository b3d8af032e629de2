import { isWithin } from '../facts/text.js'
import type { Binding, Expr, FileFacts, FnId, Span } from '../facts/types.js'
import type { Program } from '../resolve/program.js'

/** A variable that has to be given back, and what its function makes of it without waiting. */
export class Resource {
  readonly facts: FileFacts
  readonly #names: ReadonlySet<Binding>

  constructor(
    readonly program: Program,
    readonly file: string,
    readonly binding: Binding,
  ) {
    this.facts = program.facts(file)
    this.#names = this.#withDerived(binding)
  }

  /** Whether a part of the program names it. */
  isIn(part: Span): boolean {
    return this.#uses(part).length > 0
  }

  /** Whether a part of the program names it and does not wait for what it is named in. */
  isPendingIn(part: Span): boolean {
    return this.#uses(part).some((use) => !this.#isAwaited(use, part))
  }

  /** It is named in a function that may run when the one that holds it has ended. */
  isLeftToOthers(part: Span): boolean {
    return this.#uses(part).some((use) => {
      const inner = this.#functionAt(use)
      return inner !== this.binding.fn && !this.#isAwaited(use, part) && !this.#isCombined(use)
    })
  }

  #uses(part: Span, names = this.#names): readonly Expr[] {
    return this.facts.exprs.filter((each) => {
      if (each.k !== 'id' || !isWithin(each, part)) return false
      const found = this.program.lookUp(this.file, each.name, each.scope)
      return found !== undefined && names.has(found)
    })
  }

  /** Awaited by the function that holds it. */
  #isAwaited(use: Span, part: Span): boolean {
    return this.facts.exprs.some(
      (each) =>
        each.k === 'await' &&
        isWithin(use, each) &&
        isWithin(each, part) &&
        this.#functionAt(each) === this.binding.fn,
    )
  }

  /** In a callback within `Promise.all(…)`, which waits for what its callbacks give. */
  #isCombined(use: Span): boolean {
    return this.facts.exprs.some((each) => {
      const callee = each.k === 'call' && isWithin(use, each) ? this.facts.exprs[each.callee] : null
      const owner = callee?.k === 'member' ? this.facts.exprs[callee.object] : undefined
      return owner?.k === 'id' && owner.name === 'Promise'
    })
  }

  #functionAt({ start, end }: Span): FnId {
    return this.facts.functions.reduce(
      (inner, fn) => (fn.start <= start && end <= fn.end ? fn.id : inner),
      0,
    )
  }

  /** `const db = drizzle(client)`, `const { signal } = controller`, `const rows = client.query(…)`. */
  #withDerived(binding: Binding): ReadonlySet<Binding> {
    const found = new Set([binding])
    for (let size = 0; size !== found.size;) {
      size = found.size
      for (const each of this.facts.bindings) {
        const init = each.fn === binding.fn ? this.facts.exprs[each.init ?? -1] : undefined
        const isMade = init?.k !== 'await' && init && !found.has(each)
        const isOfIt = isMade && this.#uses(init, found).some((use) => !this.#isAwaited(use, init))
        if (isOfIt) found.add(each)
      }
    }
    return found
  }
}
