import type { TextEdit } from '../edits/text-edit.js'
import type { CallSite, Expr, ExprId, FnId, Span } from '../facts/types.js'
import type { Refusal } from '../findings/reasons.js'
import type { Slot } from '../graph/slots.js'
import type { CallExpr } from '../resolve/calls.js'
import { isCallback } from '../resolve/callbacks.js'
import type { Program } from '../resolve/program.js'
import { appendItems, appendLines, lineBreak, trimEnd } from './insertions.js'

/** A call and the text it stands in. */
export interface CallText {
  readonly program: Program
  readonly file: string
  readonly text: string
  readonly site: CallSite
  /** What is called on the result is part of the call. */
  readonly isFluent?: boolean
  /** A type checker narrows what the call is given. */
  readonly narrows: boolean
  /** Names that edits of the same plan have brought into a function. */
  readonly taken?: NamesTaken
  /** Whether a call that a signal is for stands in a part of the text: that part is no text to be moved. */
  readonly holdsQuery?: (part: Span) => boolean
}

export type NamesTaken = (file: string, fn: FnId) => Set<string>

export type PassResult = { readonly edits: readonly TextEdit[] } | { readonly refusal: Refusal }

/**
 * Edits that pass a signal in a slot of a call. `signal` is the expression as it is to be written;
 * `isConditional` leaves the key of an options object out where there is no signal.
 */
export function passSignal(
  call: CallText,
  slot: Slot & { kind: 'argument' | 'option' },
  signal: string,
  isConditional = false,
): PassResult {
  const expr = callOf(call)
  if (expr.k === 'tag') return { refusal: 'callee-unknown' }
  const arg = expr.args[slot.index]
  if (slot.kind === 'argument') return addArgument(call, expr, slot.index, signal)
  const also = Object.entries(slot.also ?? {}).map(([key, value]) => `${key}: '${value}'`)
  const property = signal === slot.key ? slot.key : `${slot.key}: ${signal}`
  const properties = [isConditional ? `...(${signal} && { ${property} })` : property, ...also]
  if (arg === undefined) return addArgument(call, expr, slot.index, `{ ${properties.join(', ')} }`)
  const given = withoutAssertion(call, call.program.expr(call.file, arg))
  if (given.k === 'obj') return { edits: [addProperties(call, given, properties)] }
  if (given.k === 'nothing')
    return {
      edits: [
        {
          file: call.file,
          start: given.start,
          end: given.end,
          text: `{ ${properties.join(', ')} }`,
        },
      ],
    }
  if (given.k === 'fn') {
    // The options come before the callback.
    const text = `{ ${properties.join(', ')} }, `
    return { edits: [{ file: call.file, start: given.start, end: given.start, text }] }
  }
  if (given.k === 'str' && slot.text !== undefined) {
    const { file } = call
    return {
      edits: [
        { file, start: given.start, end: given.start, text: `{ ${slot.text}: ` },
        { file, start: given.end, end: given.end, text: `, ${properties.join(', ')} }` },
      ],
    }
  }
  if (slot.lift) return liftArguments(call, expr, slot.lift, properties)
  return {
    edits: [
      { file: call.file, start: given.start, end: given.start, text: '{ ...' },
      { file: call.file, start: given.end, end: given.end, text: `, ${properties.join(', ')} }` },
    ],
  }
}

/** `load.apply(self, [id])` becomes `load.apply(self, [id, signal])`. */
export function passInList(call: CallText, id: ExprId, slot: Slot, signal: string): PassResult {
  const list = call.program.expr(call.file, id)
  if (list.k !== 'arr' || slot.kind !== 'argument') return { refusal: 'spread-arguments' }
  const items = list.of.map((each) => call.program.expr(call.file, each))
  if (items.some((each) => each.k === 'spread') || items.length > slot.index)
    return { refusal: 'spread-arguments' }
  const missing = Array.from({ length: slot.index - items.length }, () => 'undefined')
  const { file, text } = call
  const at = { file, text, open: list.start, close: list.end - 1, items }
  return { edits: [appendItems(at, [...missing, signal])] }
}

/** `{ text } as QueryConfig`: the literal inside is what grows. */
function withoutAssertion(call: CallText, given: Expr): Expr {
  const inner =
    given.k === 'as' || given.k === 'nonnull'
      ? withoutAssertion(call, call.program.expr(call.file, given.of))
      : given
  return inner.k === 'obj' ? inner : given
}

function callOf(call: CallText): CallExpr {
  const expr = call.program.expr(call.file, call.site.expr)
  if (expr.k !== 'call' && expr.k !== 'new' && expr.k !== 'tag') throw new TypeError('not a call')
  return expr
}

function addArgument(
  call: CallText,
  expr: CallExpr & { k: 'call' | 'new' | 'tag' },
  index: number,
  value: string,
): PassResult {
  const args = expr.k === 'tag' ? [] : expr.args
  const items = args.map((each) => call.program.expr(call.file, each))
  const spread = items.some((each) => each.k === 'spread')
  // Behind a spread of known length the position is right without counting.
  const missing = spread ? 0 : Math.max(0, index - items.length)
  const { open, close } = call.site
  if (open === close) return { refusal: 'callee-unknown' }
  const at = items[index]
  if (at && !spread && at.k === 'nothing')
    return { edits: [{ file: call.file, start: at.start, end: at.end, text: value }] }
  if (at && !spread)
    return { edits: [{ file: call.file, start: at.start, end: at.start, text: `${value}, ` }] }
  const added = [...Array.from({ length: missing }, () => 'undefined'), value]
  return { edits: [appendItems({ file: call.file, text: call.text, open, close, items }, added)] }
}

function addProperties(
  call: CallText,
  object: Expr & { k: 'obj' },
  added: readonly string[],
): TextEdit {
  return appendItems(
    {
      file: call.file,
      text: call.text,
      open: object.start,
      close: object.end - 1,
      items: object.props,
    },
    added,
  )
}

/** `query(text, values)` becomes `query({ text, values, signal })`; a callback stays where it is. */
function liftArguments(
  call: CallText,
  expr: CallExpr & { k: 'call' | 'new' },
  keys: readonly string[],
  properties: readonly string[],
): PassResult {
  const lifted = liftable(call, expr, keys)
  if (!lifted) return { refusal: 'callee-unknown' }
  const { file, text } = call
  const { open, close } = call.site
  const first = lifted[0]
  const last = lifted.at(-1)
  if (!first || !last) return { refusal: 'callee-unknown' }
  const named = lifted.flatMap((each, index): TextEdit[] => {
    const key = keys[index] ?? ''
    const shorthand = each.k === 'id' && each.name === key
    return shorthand ? [] : [{ file, start: each.start, end: each.start, text: `${key}: ` }]
  })
  const all = lifted.length === expr.args.length
  const isBroken =
    all &&
    text.slice(open, first.start).includes('\n') &&
    text.slice(last.end, close).includes('\n')
  if (isBroken) {
    const at = trimEnd(text, close)
    const separator = lineBreak(text, first.start)
    const tail = call.site.trailingComma
      ? { start: at, end: at, text: properties.map((each) => `${separator}${each},`).join('') }
      : appendLines(text, last, close, properties)
    return {
      edits: [
        { file, start: open + 1, end: open + 1, text: '{' },
        ...named,
        { file, ...tail },
        { file, start: close, end: close, text: '}' },
      ],
    }
  }
  return {
    edits: [
      { file, start: first.start, end: first.start, text: '{ ' },
      ...named,
      { file, start: last.end, end: last.end, text: `, ${properties.join(', ')} }` },
    ],
  }
}

/** The arguments that become properties: text and values, where the first is known to be text. */
function liftable(
  call: CallText,
  expr: CallExpr & { k: 'call' | 'new' },
  keys: readonly string[],
): readonly Expr[] | undefined {
  const items = expr.args.map((each) => call.program.expr(call.file, each))
  const last = expr.args.at(-1)
  const hasCallback = last !== undefined && isCallback(call.program, call.file, last)
  const lifted = hasCallback ? items.slice(0, -1) : items
  if (
    lifted.length === 0 ||
    lifted.length > keys.length ||
    lifted.some((each) => each.k === 'spread')
  )
    return undefined
  const [first, second] = expr.args
  // What takes a callback may be called with that in the place of the values.
  const isGuess = second !== undefined && second !== last && isUntypedParameter(call, second)
  if (hasCallback && isGuess) return undefined
  const isText = first !== undefined && isString(call, first)
  return isText || lifted.length > 1 ? lifted : undefined
}

function isUntypedParameter({ program, file }: CallText, id: ExprId): boolean {
  const expr = program.expr(file, id)
  if (expr.k !== 'id') return false
  const binding = program.lookUp(file, expr.name, expr.scope)
  return binding?.param !== undefined && binding.type === undefined
}

function isString(call: CallText, id: ExprId, depth = 0): boolean {
  const expr = call.program.expr(call.file, id)
  if (expr.k === 'str') return true
  if (depth > 4) return false
  if (expr.k === 'as' || expr.k === 'nonnull') return isString(call, expr.of, depth + 1)
  if (expr.k === 'either')
    return expr.of.slice(0, 2).every((each) => isString(call, each, depth + 1))
  if (expr.k === 'other') return /^['"`][^]*['"`]$/.test(call.text.slice(expr.start, expr.end))
  if (expr.k !== 'id') return false
  const binding = call.program.lookUp(call.file, expr.name, expr.scope)
  if (!binding || binding.path.length > 0) return false
  if (binding.type !== undefined) return isStringType(call, binding.type)
  if (binding.param || binding.init === undefined) return false
  return (
    isString(call, binding.init, depth + 1) &&
    binding.writes.every((each) => isString(call, each, depth + 1))
  )
}

function isStringType(call: CallText, id: number): boolean {
  const type = call.program.type(call.file, id)
  return type.k === 'str' || call.text.slice(type.start, type.end).trim() === 'string'
}
