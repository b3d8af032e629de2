/** So often an answer that hung on an open question is thrown away and looked for again, and no more. */
const TRIES = 12

/** So many questions may be open one within the other: a chain of calls as long as a file would overflow the stack. */
const MAX_OPEN = 400

/** A question with its answer, as far as that is known. */
export class Question<T> {
  state: 'unasked' | 'open' | 'leaning' | 'answered' = 'unasked'
  /** Open questions that the answer hangs on: those it came round to. */
  waits: Set<Question<unknown>> | undefined
  /** Answers that hang on this question, and on none that was asked after it. */
  leaning: Question<unknown>[] | undefined
  depth = 0
  tries = 0

  answer: T

  /** `without` is what those are given that come round to it while it is open. */
  constructor(readonly without: T) {
    this.answer = without
  }
}

/**
 * Questions that may come round to themselves. The inner one is answered with nothing, and all that is made
 * of that nothing holds only until the outer one is closed: kept for good, an answer would be one by where
 * the asking began.
 */
export class Questions {
  readonly #open: Question<unknown>[] = []

  get isIdle(): boolean {
    return this.#open.length === 0
  }

  /** The answer that is known, or else what `find` gives. */
  ask<T>(question: Question<T>, find: () => T): T {
    if (question.state !== 'unasked') {
      this.lean(question)
      return question.answer
    }
    if (this.#open.length >= MAX_OPEN) return question.without
    question.state = 'open'
    question.depth = this.#open.length
    this.#open.push(question)
    try {
      question.answer = find()
    } catch (error) {
      question.state = 'unasked'
      throw error
    } finally {
      this.#open.pop()
      this.#release(question)
    }
    this.#close(question)
    return question.answer
  }

  /** What is being looked for hangs on this question. */
  lean(question: Question<unknown>): void {
    const top = this.#open.at(-1)
    if (!top || question.state === 'answered') return
    if (question.state === 'open') (top.waits ??= new Set()).add(question)
    else if (question.waits) for (const each of question.waits) (top.waits ??= new Set()).add(each)
  }

  #close(question: Question<unknown>): void {
    const { waits } = question
    waits?.delete(question)
    question.state = 'leaning'
    this.lean(question)
    if (!waits || waits.size === 0 || question.tries >= TRIES) {
      question.state = 'answered'
      question.waits = undefined
      return
    }
    let last: Question<unknown> | undefined
    for (const each of waits) if (!last || each.depth > last.depth) last = each
    if (last) (last.leaning ??= []).push(question)
  }

  #release(question: Question<unknown>): void {
    for (const each of question.leaning ?? []) {
      each.state = 'unasked'
      each.answer = each.without
      each.waits = undefined
      each.tries += 1
    }
    question.leaning = undefined
  }
}
