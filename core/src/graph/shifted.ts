import type { ExprId } from '../facts/types.js'
import type { CallExpr } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { givenIn, type Given, type Slot } from './slots.js'

/** Where a call has the arguments of the function behind it. */
export type Shift =
  /** `load.call(self, id)` has one before them; of `const bound = load.bind(self, id)` one has been given. */
  | { readonly by: number }
  /** `load.apply(self, [id])` has them in a list. */
  | { readonly list: ExprId }

export function shiftOf(r: Resolver, file: string, call: CallExpr): Shift | undefined {
  if (call.k === 'tag') return undefined
  const callee = r.program.expr(file, call.callee)
  if (callee.k === 'member' && isOfFunction(r, file, call.callee)) {
    const [, list] = call.args
    if (callee.name === 'call') return { by: 1 }
    if (callee.name === 'apply' && list !== undefined) return { list }
  }
  const binding = callee.k === 'id' ? r.program.lookUp(file, callee.name, callee.scope) : undefined
  const init = binding?.init === undefined ? undefined : r.program.expr(file, binding.init)
  if (init?.k !== 'call' || !binding || binding.path.length > 0 || init.args.length < 2)
    return undefined
  const bind = r.program.expr(file, init.callee)
  const isBound = bind.k === 'member' && bind.name === 'bind' && isOfFunction(r, file, init.callee)
  return isBound ? { by: 1 - init.args.length } : undefined
}

function isOfFunction(r: Resolver, file: string, callee: ExprId): boolean {
  return r.expr(file, callee).some((each) => each.k === 'builtin' && each.of.k === 'fn')
}

/** The functions behind `load.call` and `load.apply`. */
export function withoutShift(values: readonly Value[]): readonly Value[] {
  return values.map((each) =>
    each.k === 'builtin' && (each.name === 'call' || each.name === 'apply') ? each.of : each,
  )
}

/** The slot as the call has it; undefined where the call has no place for it. */
export function shifted(slot: Slot, shift: Shift | undefined): Slot | undefined {
  if (!shift || slot.kind === 'wrap' || 'list' in shift) return slot
  const index = slot.index + shift.by
  return index < 0 ? undefined : { ...slot, index }
}

/** What a call passes in a slot of the function behind it. */
export function givenShifted(
  r: Resolver,
  file: string,
  call: CallExpr,
  slot: Slot,
  shift: Shift,
): Given {
  if ('by' in shift) return givenIn(r, file, call, slot)
  const list = r.program.expr(file, shift.list)
  if (list.k !== 'arr' || slot.kind !== 'argument') return { k: 'opaque' }
  return givenIn(r, file, { ...call, k: 'call', args: list.of } as CallExpr, slot)
}
