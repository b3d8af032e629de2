import type { Binding, Expr, ExprId, FileFacts, Span, TextEdit } from '@ctx-fix/core'

/** An argument with what separates it from the one before it, and `undefined`s that only made room for it. */
export function withoutArgument(
  { exprs, path: file }: FileFacts,
  args: readonly ExprId[],
  index: number,
  open: number,
): TextEdit | undefined {
  const last = exprs[args[index] ?? -1]
  if (!last || index !== args.length - 1) return undefined
  let kept = index - 1
  while (kept >= 0 && exprs[args[kept] ?? -1]?.k === 'nothing') kept -= 1
  const start = exprs[args[kept] ?? -1]?.end ?? open + 1
  return { file, start, end: last.end, text: '' }
}

/** A property with what separates it; of an object that has no other, undefined. */
export function withoutProperty(
  { path: file }: FileFacts,
  text: string,
  object: Expr & { k: 'obj' },
  index: number,
): TextEdit | undefined {
  const property = object.props[index]
  const before = object.props[index - 1]
  if (!property || object.props.length === 1) return undefined
  if (before) return { file, start: before.end, end: property.end, text: '' }
  const gap = /^\s*,\s*/.exec(text.slice(property.end))?.[0].length ?? 0
  return { file, start: property.start, end: property.end + gap, text: '' }
}

/** A parameter at the end, with what separates it. */
export function withoutLastParameter(
  file: string,
  text: string,
  params: readonly Span[],
  close: number,
): TextEdit | undefined {
  const last = params.at(-1)
  if (!last) return undefined
  const before = params.at(-2)
  const open = text.lastIndexOf('(', last.start)
  const comma = /^\s*,(?=\s*$)/.exec(text.slice(last.end, close))?.[0].length ?? 0
  // The comma behind the last of a list that is broken into lines stays behind the one before.
  if (before) return { file, start: before.end, end: last.end, text: '' }
  return { file, start: open + 1, end: last.end + comma, text: '' }
}

/** An import of one name; the whole line where it has no other. */
export function withoutImport(
  { path: file }: FileFacts,
  text: string,
  { start, end }: Binding,
): TextEdit | undefined {
  const head = text.lastIndexOf('import', start)
  const isAlone = /^import\s*\{\s*$/.test(text.slice(head, start))
  const tail = /^\s*,?\s*\}\s*from\s*(['"])[^'"\n]*\1[ \t]*;?[ \t]*(?:\r?\n|$)/.exec(
    text.slice(end),
  )
  if (isAlone && tail) return { file, start: head, end: end + tail[0].length, text: '' }
  const behind = /^\s*,\s*/.exec(text.slice(end))
  if (behind) return { file, start, end: end + behind[0].length, text: '' }
  const before = /,\s*$/.exec(text.slice(0, start))
  return before ? { file, start: start - before[0].length, end, text: '' } : undefined
}
