import type { TextEdit } from '../edits/text-edit.js'
import type { Expr, Span } from '../facts/types.js'
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

/** Contains an `await` or `yield`, or reads a property or a variable that is assigned more than once. */
function isFragile(call: CallText, arg: Expr): boolean {
  const { exprs } = call.program.facts(call.file)
  return exprs.some((each) => {
    if (each.start < arg.start || each.end > arg.end) return false
    if (each.k === 'await' || each.k === 'yield' || each.k === 'member') return true
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
  const taken = new Set<string>()
  return args.flatMap((arg): TextEdit[] => {
    let name = freeName(facts, call.site.fn, arg.k === 'arr' ? 'values' : 'argument')
    while (taken.has(name)) name = `${name}_`
    taken.add(name)
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
