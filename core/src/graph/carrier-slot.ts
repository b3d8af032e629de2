import type { Carrier } from '../catalog/types.js'
import type { ExprId } from '../facts/types.js'
import type { CallExpr } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Slot } from './slots.js'

/** The slot that a carrier of the catalog means for a call with these arguments. */
export function carrierSlot(
  r: Resolver,
  file: string,
  call: CallExpr,
  carrier: Carrier,
): Slot | undefined {
  const accepts = { undefined: true, null: false }
  switch (carrier.kind) {
    case 'argument':
      return { kind: 'argument', index: carrier.arg, accepts }
    case 'option': {
      const args = call.k === 'tag' ? [] : call.args
      const index =
        carrier.orFirst === true && isFirstOptions(r, file, args)
          ? 0
          : carrier.arg === 'last'
            ? lastOptions(r, file, args)
            : carrier.skips === true
              ? skippedTo(r, file, args, carrier.arg)
              : carrier.arg
      return {
        kind: 'option',
        index,
        key: carrier.key,
        accepts,
        ...(carrier.lift ? { lift: carrier.lift } : {}),
        ...(carrier.also ? { also: carrier.also } : {}),
        ...(carrier.native === true ? { native: true } : {}),
        ...(carrier.text === undefined ? {} : { text: carrier.text }),
      }
    }
    case 'wrap':
      return { kind: 'wrap' }
    case 'none':
      return undefined
  }
}

/** `got({ url })`: what stands alone is the options object, unless it is known to be text. */
function isFirstOptions(r: Resolver, file: string, args: readonly ExprId[]): boolean {
  const [first, ...more] = args
  if (first === undefined || more.some((each) => r.program.expr(file, each).k !== 'fn'))
    return false
  const expr = r.program.expr(file, first)
  if (expr.k === 'str') return false
  const binding = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope) : undefined
  if (binding?.type === undefined || binding.path.length > 0) return true
  // Of a keyword of the language, such as `string`, nothing more is known.
  return r.program.type(file, binding.type).k !== 'other'
}

/** `spawn(file, { cwd })`: what stands before the place of the options is a list, or these themselves. */
function skippedTo(r: Resolver, file: string, args: readonly ExprId[], index: number): number {
  const before = args[index - 1]
  if (args[index] !== undefined) return index
  if (before === undefined) return Math.min(index, Math.max(args.length, index - 1))
  const isList = r.expr(file, before).some((each) => each.k === 'array')
  return isList ? index : index - 1
}

/** The options object is the last argument where that is one already, else one more. */
function lastOptions(r: Resolver, file: string, args: readonly ExprId[]): number {
  const last = args.at(-1)
  return last !== undefined && r.program.expr(file, last).k === 'obj'
    ? args.length - 1
    : args.length
}
