import type { ExprId } from '../facts/types.js'
import type { CallExpr } from '../resolve/calls.js'
import type { Resolver } from '../resolve/resolver.js'
import type { Value } from '../resolve/values.js'
import { givenIn, type Given } from './given.js'
import type { Slot } from './slots.js'

/** Where a call has the arguments of the function behind it. */
export type Shift =
  /**
   * `load.call(self, id)` has one before them; of `const bound = load.bind(self, id)` one has been given. In
   * `load.bind(self, id)` itself those behind the ones `given` are for others to give.
   */
  | { readonly by: number; readonly given?: number }
  /** `load.apply(self, [id])` has them in a list. */
  | { readonly list: ExprId }

export function shiftOf(r: Resolver, file: string, call: CallExpr): Shift | undefined {
  if (call.k === 'tag') return undefined
  const callee = r.program.expr(file, call.callee)
  if (callee.k === 'member' && isOfFunction(r, file, call.callee)) {
    const [, list] = call.args
    if (callee.name === 'call') return { by: 1 }
    if (callee.name === 'bind') return { by: 1, given: call.args.length - 1 }
    if (callee.name === 'apply' && list !== undefined) return { list }
  }
  // Of several with different numbers of arguments there is no one place.
  const [first = 0, ...others] = r
    .expr(file, call.callee)
    .flatMap((each) => (each.k === 'fn' ? [each.bound ?? 0] : []))
  const by = others.every((each) => each === first) ? first : Infinity
  return by === 0 ? undefined : { by: -by }
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
  return index < 0 || !Number.isFinite(index) ? undefined : { ...slot, index }
}

/** `load.bind(self)` leaves what stands before the signal for others to give: it cannot be bound behind that. */
export function leavesGap(slot: Slot, shift: Shift | undefined): boolean {
  if (!shift || slot.kind === 'wrap' || !('given' in shift)) return false
  return slot.index > shift.given + shift.by
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
  return givenInList(r, file, call, slot, shift.list)
}

/** In a list that is written there: of one of two, in either. */
function givenInList(r: Resolver, file: string, call: CallExpr, slot: Slot, id: ExprId): Given {
  const list = r.program.expr(file, id)
  if (list.k === 'as' || list.k === 'nonnull') return givenInList(r, file, call, slot, list.of)
  if (list.k === 'either') {
    const given = list.of.slice(0, 2).map((each) => givenInList(r, file, call, slot, each))
    return given.every((each) => each.k === 'missing') ? { k: 'missing' } : { k: 'opaque' }
  }
  if (list.k !== 'arr' || slot.kind !== 'argument') return { k: 'opaque' }
  return givenIn(r, file, { ...call, k: 'call', args: list.of } as CallExpr, slot)
}
