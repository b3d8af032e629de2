import type { TextEdit } from '../edits/text-edit.js'
import type { Expr, ExprId, FileFacts, FnId, Span } from '../facts/types.js'
import { oncePer } from '../once-per.js'
import { lineBreak } from './insertions.js'
import { freeName } from './names.js'
import type { CallText, PassResult } from './pass.js'

/**
 * `call(args)` becomes `withSignal(signal, () => call(args))`, and a lazy query's name or template likewise.
 * Arguments that await, yield or may rely on
 * narrowing are made constants before it, since a closure keeps neither; where the call is not the first
 * thing that its statement evaluates that would change the order, so the call is left.
 */
export function wrapCall(call: CallText, signal: string, wrapper: string): PassResult {
  const chain = call.isFluent === true ? chainFrom(call) : [call.site.expr]
  const whole = chain.at(-1) ?? call.site.expr
  const expr = call.program.expr(call.file, whole)
  if (expr.k === 'new') return { refusal: 'callee-unknown' }
  const argIds = chain.flatMap((id) => {
    const each = call.program.expr(call.file, id)
    return each.k === 'call' ? each.args : []
  })
  const args = argIds.map((each) => call.program.expr(call.file, each))
  if (args.some((each) => each.k === 'new')) return { refusal: 'stream-or-iterator' }
  if (isChainedOn(call, whole)) return { refusal: 'passed-as-value' }
  const first = call.program.expr(call.file, call.site.expr)
  const before = first.k === 'call' ? call.program.expr(call.file, first.callee) : first
  if (suspends(call, before)) return { refusal: 'arguments-narrow-or-suspend' }
  const fragile = argIds.flatMap((each) => fragileParts(call, each))
  const wrapped = [
    { file: call.file, start: expr.start, end: expr.start, text: `${wrapper}(${signal}, () => ` },
    { file: call.file, start: expr.end, end: expr.end, text: ')' },
  ]
  if (fragile.length === 0) return { edits: wrapped }
  const hasPlaceBefore = isFirstInStatement(call, expr) && !isAloneUnder(call)
  if (!hasPlaceBefore || args.some((each) => each.k === 'spread'))
    return call.site.suspends ? { refusal: 'arguments-narrow-or-suspend' } : { edits: wrapped }
  if (fragile.some((each) => call.holdsQuery?.(each)))
    return { refusal: 'arguments-narrow-or-suspend' }
  return { edits: [...hoist(call, fragile), ...wrapped] }
}

/** `user.findUnique(…)`, `user.findUnique(…).posts()` and so on to the outermost call. */
function chainFrom(call: CallText): readonly ExprId[] {
  const { exprs } = call.program.facts(call.file)
  const chain = [call.site.expr]
  for (let at: ExprId | undefined = call.site.expr; at !== undefined;) {
    const object = at
    const member = exprs.findIndex(
      (each) => each.k === 'member' && each.object === object && !promiseMember.test(each.name),
    )
    const next = exprs.findIndex((each) => each.k === 'call' && each.callee === member)
    at = next === -1 || member === -1 ? undefined : next
    if (at !== undefined) chain.push(at)
  }
  return chain
}

const promiseMember = /^(?:then|catch|finally)$/

/** `wrapped.posts()` would be a member of the promise that the wrapper gives. */
function isChainedOn(call: CallText, whole: ExprId): boolean {
  return call.program
    .facts(call.file)
    .exprs.some(
      (each) => each.k === 'member' && each.object === whole && !promiseMember.test(each.name),
    )
}

/** Awaits or yields in the function that the call stands in. */
function suspends(call: CallText, part: Span): boolean {
  const { exprs, functions } = call.program.facts(call.file)
  return exprs.some(
    (each) =>
      (each.k === 'await' || each.k === 'yield') &&
      part.start <= each.start &&
      each.end <= part.end &&
      !functions.some(
        (fn) => part.start <= fn.start && fn.start < each.start && each.end <= fn.end,
      ),
  )
}

/** What of an argument has to be hoisted: of an object or a list its parts, which are typed by their place. */
function fragileParts(call: CallText, id: ExprId): readonly Expr[] {
  const arg = call.program.expr(call.file, id)
  switch (arg.k) {
    case 'obj':
      return arg.props.flatMap((each) => (each.shorthand ? [] : fragileParts(call, each.value)))
    case 'arr':
      return isFragile(call, arg) && arg.of.every((each) => isPlain(call, each))
        ? [arg]
        : arg.of.flatMap((each) => fragileParts(call, each))
    case 'call':
      // A call stays where it is, with what it is given.
      return suspends(call, arg) || isOnNarrowed(call, arg)
        ? [arg]
        : arg.args.flatMap((each) => fragileParts(call, each))
    case 'fn':
    case 'class':
      return []
    default:
      return isFragile(call, arg) ? [arg] : []
  }
}

/** `filter.team.trim()`: what the method is of may be known to be there. */
function isOnNarrowed(call: CallText, { callee }: Expr & { k: 'call' | 'new' }): boolean {
  const member = call.program.expr(call.file, callee)
  return member.k === 'member' && isFragile(call, call.program.expr(call.file, member.object))
}

const plain = new Set(['id', 'member', 'str', 'await', 'nothing', 'nonnull', 'as', 'other'])

/** A list of values, as parameters are: nothing in it is typed by its place. */
function isPlain(call: CallText, id: ExprId): boolean {
  return plain.has(call.program.expr(call.file, id).k)
}

/** `Status.PAID`, as members of an enum are written: nobody asks whether they are there. */
const constantPath = /^[A-Z]\w*\.[A-Z][A-Z\d_]*$/

/** What is put into an object or a list: that narrows nothing. */
const keptIn = oncePer(
  ({ exprs }: FileFacts): ReadonlySet<ExprId> =>
    new Set(
      exprs.flatMap((each) => {
        if (each.k === 'arr') return each.of
        return each.k === 'obj' ? each.props.map(({ value }) => value) : []
      }),
    ),
)

/**
 * Contains an `await` or `yield`, or reads what may have been narrowed: a variable that is assigned more
 * than once, or a property that the function has looked at before the call: within it nothing narrows it.
 */
function isFragile(call: CallText, arg: Expr): boolean {
  const facts = call.program.facts(call.file)
  const { exprs, functions } = facts
  const from = functions[call.site.fn]?.start ?? 0
  const { start } = call.program.expr(call.file, call.site.expr)
  const textOf = ({ start, end }: Span) => call.text.slice(start, end).replace(/\s/g, '')
  return exprs.some((each) => {
    if (each.start < arg.start || each.end > arg.end) return false
    if (each.k === 'await' || each.k === 'yield') return true
    if (!call.narrows) return false
    if (each.k === 'member') {
      const path = textOf(each)
      return (
        !constantPath.test(path) &&
        exprs.some(
          (other, id) =>
            other.k === 'member' &&
            from <= other.start &&
            other.end <= start &&
            textOf(other) === path &&
            !keptIn(facts).has(id),
        )
      )
    }
    if (each.k !== 'id') return false
    const binding = call.program.lookUp(call.file, each.name, each.scope)
    return binding !== undefined && binding.writes.length > 0
  })
}

/** Brackets put nothing before it. */
const prefix = /^(?:(?:const|let|var)\s+[^=;]+=\s*)?(?:return\b\s*)?(?:[(\s]*await\b\s*)?[(\s]*$/

function isFirstInStatement(call: CallText, expr: Span): boolean {
  // The body of an arrow without braces has no place before it.
  if (call.program.fn(call.file, call.site.fn).concise) return false
  const { start } = call.site.statement
  return prefix.test(call.text.slice(start, expr.start))
}

/** `if (ready) await query()`: a second statement before it would take its place. */
function isAloneUnder({ text, site }: CallText): boolean {
  const before = text.slice(0, site.statement.start).trimEnd()
  if (/\b(?:else|do)$/.test(before)) return true
  if (!before.endsWith(')')) return false
  let open = before.length - 1
  for (let depth = 0; open >= 0; open -= 1) {
    if (before[open] === ')') depth += 1
    else if (before[open] === '(') depth -= 1
    if (depth === 0) break
  }
  return /\b(?:if|for|for\s+await|while)\s*$/.test(before.slice(0, Math.max(open, 0)))
}

function hoist(call: CallText, args: readonly Expr[]): TextEdit[] {
  const { start } = call.site.statement
  const facts = call.program.facts(call.file)
  const before = call.text.slice(call.text.lastIndexOf('\n', start - 1) + 1, start)
  // Behind something else on its line it stays on that line.
  const isAlone = before.trim() === ''
  const separator = isAlone ? lineBreak(call.text, start) : '; '
  const semicolon =
    isAlone && /;\s*$/.test(call.text.slice(call.site.statement.start, call.site.statement.end))
      ? ';'
      : ''
  const taken = call.taken?.(call.file, outermost(facts, call.site.fn)) ?? new Set<string>()
  return args.flatMap((arg): TextEdit[] => {
    const name = constantName(facts, call.site.fn, arg, taken)
    const value = call.text.slice(arg.start, arg.end)
    return [
      {
        file: call.file,
        start,
        end: start,
        text: `const ${name} = ${value}${semicolon}${separator}`,
      },
      { file: call.file, start: arg.start, end: arg.end, text: name },
    ]
  })
}

/** A name that no other call of the function is given either: their constants may share a block. */
function constantName(facts: FileFacts, fn: FnId, arg: Expr, taken: Set<string>): string {
  const wanted = arg.k === 'arr' ? 'values' : 'argument'
  let name = freeName(facts, fn, wanted)
  for (let count = 2; taken.has(name); count += 1) name = freeName(facts, fn, `${wanted}${count}`)
  taken.add(name)
  return name
}

function outermost(facts: FileFacts, fn: FnId): FnId {
  const parent = facts.functions[fn]?.parent
  return parent === undefined || parent === 0 ? fn : outermost(facts, parent)
}
