import type { TextEdit } from '../edits/text-edit.js'
import type { Expr, FileFacts, FnId, Span } from '../facts/types.js'
import { lineBreak } from './insertions.js'
import { freeName } from './names.js'
import { callOf, type CallText, type PassResult } from './pass.js'

/**
 * `call(args)` becomes `withSignal(signal, () => call(args))`. Arguments that await, yield or may rely on
 * narrowing are made constants before it, since a closure keeps neither; where the call is not the first
 * thing that its statement evaluates that would change the order, so the call is left.
 */
export function wrapCall(call: CallText, signal: string, wrapper: string): PassResult {
  const expr = callOf(call)
  if (expr.k !== 'call') return { refusal: 'callee-unknown' }
  const args = expr.args.map((each) => call.program.expr(call.file, each))
  if (args.some((each) => each.k === 'new')) return { refusal: 'stream-or-iterator' }
  const fragile = args.filter((each) => isFragile(call, each))
  const wrapped = [
    { file: call.file, start: expr.start, end: expr.start, text: `${wrapper}(${signal}, () => ` },
    { file: call.file, start: expr.end, end: expr.end, text: ')' },
  ]
  if (fragile.length === 0) return { edits: wrapped }
  if (!isFirstInStatement(call, expr) || args.some((each) => each.k === 'spread'))
    return call.site.suspends ? { refusal: 'arguments-narrow-or-suspend' } : { edits: wrapped }
  return { edits: [...hoist(call, fragile), ...wrapped] }
}

/**
 * Contains an `await` or `yield`, or reads what may have been narrowed: a variable that is assigned more
 * than once, or a property that the function has looked at before.
 */
function isFragile(call: CallText, arg: Expr): boolean {
  const { exprs, functions } = call.program.facts(call.file)
  const from = functions[call.site.fn]?.start ?? 0
  const textOf = ({ start, end }: Span) => call.text.slice(start, end).replace(/\s/g, '')
  return exprs.some((each) => {
    if (each.start < arg.start || each.end > arg.end) return false
    if (each.k === 'await' || each.k === 'yield') return true
    if (each.k === 'member') {
      const path = textOf(each)
      return exprs.some(
        (other) =>
          other.k === 'member' &&
          from <= other.start &&
          other.end <= arg.start &&
          textOf(other) === path,
      )
    }
    if (each.k !== 'id') return false
    const binding = call.program.lookUp(call.file, each.name, each.scope)
    return binding !== undefined && binding.writes.length > 0
  })
}

const prefix = /^(?:(?:const|let|var)\s+[^=;]+=\s*)?(?:return\s+)?(?:await\s+)?$/

function isFirstInStatement(call: CallText, expr: Span): boolean {
  const { start } = call.site.statement
  return prefix.test(call.text.slice(start, expr.start))
}

function hoist(call: CallText, args: readonly Expr[]): TextEdit[] {
  const { start } = call.site.statement
  const facts = call.program.facts(call.file)
  const separator = lineBreak(call.text, start)
  const semicolon = /;\s*$/.test(
    call.text.slice(call.site.statement.start, call.site.statement.end),
  )
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
