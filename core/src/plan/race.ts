import { isWithin } from '../facts/text.js'
import type { Expr, ExprId, FileFacts, Fn, Span } from '../facts/types.js'
import { awaitedCall, isTimer, racedBy } from '../findings/raced.js'
import type { Finding } from '../findings/finding.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { blockOf, removal } from './enclose.js'
import { planPass, type LocalFix } from './local.js'
import { importAs } from './names.js'
import { obtain } from './obtain.js'

/**
 * `Promise.race([query, timer])` becomes the query with a signal of the timer's deadline. Undefined where the
 * timer gives a value instead of throwing, where its time is not written at it or at what makes it, and where
 * more than two race: that would not be the same.
 */
export function planRace(analysis: Analysis, finding: Finding, text: string): LocalFix | undefined {
  const { file } = finding
  const facts = analysis.resolver.program.facts(file)
  const race = facts.exprs.find(
    (each) => each.k === 'call' && facts.exprs[each.callee]?.start === finding.start,
  )
  const raced = race?.k === 'call' ? racedBy(facts, race) : undefined
  if (!race || raced?.length !== 2) return undefined
  const timer = raced.find((each) => isTimer(facts, each))
  const work = raced.find((each) => each !== timer)
  const query = work === undefined ? undefined : facts.exprs[work]
  if (timer === undefined || work === undefined || !query) return undefined
  const deadline = new Timers(analysis, file, text).deadlineOf(timer)
  const judgement = analysis.judgements.find(
    (each) => each.node.file === file && each.node.expr === awaitedCall(facts, work),
  )
  if (!deadline || !judgement) return undefined
  const passed = passDeadline(analysis, judgement, text, deadline.ms)
  if (!passed) return undefined
  return {
    ...passed,
    edits: [
      ...deadline.gone.map((each) => removal(file, text, each)),
      { file, start: race.start, end: query.start, text: '' },
      ...passed.edits,
      { file, start: query.end, end: race.end, text: '' },
    ],
  }
}

/** The call with `deriveSignal(signal, { timeoutMs })`; without a signal at hand the surrounding one is derived from. */
function passDeadline(
  analysis: Analysis,
  { node, sources }: Judgement,
  text: string,
  ms: string,
): LocalFix | undefined {
  const facts = analysis.resolver.program.facts(node.file)
  const [source] = sources
  if (source?.hidden === true) return undefined
  const parent = source && obtain(facts, text, source)
  if (parent && 'refusal' in parent) return undefined
  const derive = importAs(facts, 0, '@ctx-fix/runtime', 'deriveSignal')
  const signal = `${derive.local}(${parent?.signal ?? 'undefined'}, { timeoutMs: ${ms} })`
  const passed = planPass(analysis, { ...node, slot: node.slot ?? { kind: 'wrap' } }, text, signal)
  if ('refusal' in passed) return undefined
  return {
    signal,
    edits: [...(parent?.edits ?? []), ...passed.edits],
    imports: [...(parent?.imports ?? []), ...derive.imports, ...passed.imports],
  }
}

interface Deadline {
  /** The milliseconds, as they are written. */
  readonly ms: string
  /** Statements that are of no use without the race. */
  readonly gone: readonly Span[]
}

/** Reads promises that reject after a time. */
class Timers {
  readonly #facts: FileFacts

  constructor(
    readonly analysis: Analysis,
    readonly file: string,
    readonly text: string,
  ) {
    this.#facts = analysis.resolver.program.facts(file)
  }

  deadlineOf(id: ExprId): Deadline | undefined {
    const expr = this.#facts.exprs[id]
    switch (expr?.k) {
      case 'new': {
        const time = rejectionTime(this.#facts, expr)
        return time && { ms: this.text.slice(time.start, time.end), gone: [] }
      }
      case 'id':
        return this.#ofVariable(expr)
      case 'call': {
        const ms = this.#ofSleep(expr) ?? this.#ofMaker(expr)
        return ms === undefined ? undefined : { ms, gone: [] }
      }
      default:
        return undefined
    }
  }

  /** `const timeout = new Promise(…)`, which goes with the race. */
  #ofVariable(expr: Expr & { k: 'id' }): Deadline | undefined {
    const { program } = this.analysis.resolver
    const binding = program.lookUp(this.file, expr.name, expr.scope)
    if (binding?.init === undefined || binding.param || binding.writes.length > 0) return undefined
    const uses = this.#facts.exprs.filter(
      (each) => each.k === 'id' && program.lookUp(this.file, each.name, each.scope) === binding,
    )
    const init = this.#facts.exprs[binding.init]
    const statement = this.#facts.blocks
      .flatMap((each) => each.statements)
      .filter((each) => init && isWithin(init, each))
      .toSorted((a, b) => a.end - a.start - (b.end - b.start))[0]
    const isAlone =
      statement &&
      /^(?:const|let)\s+\w+(?:\s*:[^=]*)?\s*=\s*$/.test(
        this.text.slice(statement.start, init?.start),
      )
    if (uses.length !== 1 || !isAlone || !blockOf(this.#facts, statement)) return undefined
    const deadline = this.deadlineOf(binding.init)
    return deadline && { ...deadline, gone: [...deadline.gone, statement] }
  }

  /** `sleep(1_000).then(() => { throw new Error('late') })` */
  #ofSleep(expr: Expr & { k: 'call' | 'new' }): string | undefined {
    const { exprs, throws } = this.#facts
    const callee = exprs[expr.callee]
    const sleep =
      callee?.k === 'member' && callee.name === 'then' ? exprs[callee.object] : undefined
    const then = exprs[expr.args[0] ?? -1]
    if (sleep?.k !== 'call' || then?.k !== 'fn' || expr.args.length > 1) return undefined
    if (!throws.some((each) => each.fn === then.fn)) return undefined
    const named = exprs[sleep.callee]
    const isSleep = named?.k === 'id' && /^(?:setTimeout|sleep|wait|delay)$/.test(named.name)
    return isSleep ? this.#textOf(sleep.args[0]) : undefined
  }

  /** `rejectAfter(1_000)`, of a function that returns such a promise. */
  #ofMaker(expr: Expr & { k: 'call' | 'new' }): string | undefined {
    const r = this.analysis.resolver
    for (const value of r.expr(this.file, expr.callee)) {
      if (value.k !== 'fn') continue
      const facts = r.program.facts(value.file)
      const fn = facts.functions[value.fn]
      const time = fn && madeTime(facts, fn)
      if (!fn || time?.k !== 'id') return undefined
      const index = fn.params.findIndex((each) => each.name === time.name)
      return index === -1 ? undefined : this.#textOf(expr.args[index])
    }
    return undefined
  }

  #textOf(id: ExprId | undefined): string | undefined {
    const expr = this.#facts.exprs[id ?? -1]
    return expr && this.text.slice(expr.start, expr.end)
  }
}

/** The time after which what a function returns rejects. */
function madeTime(facts: FileFacts, fn: Fn): Expr | undefined {
  const [only] = fn.returns
  const made = facts.exprs[only ?? -1]
  if (fn.returns.length === 1 && made?.k === 'new') return rejectionTime(facts, made)
  // `await sleep(ms); throw new Error('late')`
  const waits = facts.exprs.filter((each) => each.k === 'await' && isWithin(each, fn.body))
  const [wait] = waits
  const sleep = wait?.k === 'await' ? facts.exprs[wait.of] : undefined
  const isThrown = fn.returns.length === 0 && facts.throws.some((each) => each.fn === fn.id)
  if (!isThrown || waits.length !== 1 || sleep?.k !== 'call') return undefined
  return facts.exprs[sleep.args[0] ?? -1]
}

/** The time in `new Promise((_, reject) => setTimeout(() => reject(…), ms))`, which does nothing else. */
function rejectionTime(facts: FileFacts, made: Expr & { k: 'call' | 'new' }): Expr | undefined {
  const { exprs, functions, calls } = facts
  const executor = exprs[made.args[0] ?? -1]
  const fn = executor?.k === 'fn' ? functions[executor.fn] : undefined
  const reject = fn?.params[1]?.name
  if (!fn || reject === undefined) return undefined
  if (exprs.some((each) => each.k === 'assign' && isWithin(each, fn.body))) return undefined
  const own = calls.filter((each) => each.fn === fn.id && exprs[each.expr]?.k === 'call')
  const timer = exprs[own[0]?.expr ?? -1]
  const callee = timer?.k === 'call' ? exprs[timer.callee] : undefined
  if (timer?.k !== 'call' || own.length !== 1 || callee?.k !== 'id' || callee.name !== 'setTimeout')
    return undefined
  const callback = exprs[timer.args[0] ?? -1]
  const isRejected =
    (callback?.k === 'id' && callback.name === reject) ||
    (callback?.k === 'fn' &&
      calls.some((each) => {
        const call = exprs[each.expr]
        const called = call?.k === 'call' ? exprs[call.callee] : undefined
        return each.fn === callback.fn && called?.k === 'id' && called.name === reject
      }))
  return isRejected ? exprs[timer.args[1] ?? -1] : undefined
}
