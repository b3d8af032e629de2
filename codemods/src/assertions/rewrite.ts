import {
  appendItems,
  importedName,
  type ExprId,
  type FileFacts,
  type ImportNeed,
  type Slot,
  type Span,
  type TextEdit,
} from '@ctx-fix/core'
import type { Assertion } from './find.js'
import { bare } from './spies.js'

export interface Rewritten {
  readonly edits: readonly TextEdit[]
  readonly imports: readonly ImportNeed[]
}

/** The edits that let an assertion take a signal, or undefined where only a person can tell. */
export function takeSignal(
  { site, expected }: Assertion,
  slot: Slot,
  facts: FileFacts,
  text: string,
): Rewritten | undefined {
  if (slot.kind === 'wrap') return undefined
  const signal = anySignalIn(facts)
  switch (expected.k) {
    case 'arguments': {
      const call = facts.exprs[site.expr]
      if (call?.k !== 'call') return undefined
      const { from, by } = expected
      if (by.k === 'sinon' && by.name === undefined) return undefined
      const value = by.k === 'sinon' ? `${by.name ?? ''}.match.any` : signal.local
      const list = { open: site.open, close: site.close, items: call.args }
      const edit = addToList(facts, text, list, from, slot, value)
      return edit && { edits: [edit], imports: by.k === 'sinon' ? [] : signal.imports }
    }
    case 'lists': {
      const edits = expected.lists.map((id) => {
        const list = bare(facts, id)
        if (list?.k !== 'arr') return undefined
        const span = { open: list.start, close: list.end - 1, items: list.of }
        return addToList(facts, text, span, 0, slot, signal.local)
      })
      const known = edits.flatMap((each) => each ?? [])
      return known.length < edits.length || known.length === 0
        ? undefined
        : { edits: known, imports: signal.imports }
    }
    case 'slice': {
      const list = bare(facts, expected.list)
      const recorded = facts.exprs[expected.recorded]
      if (list?.k !== 'arr' || !recorded || slot.kind !== 'argument') return undefined
      if (hasSpread(facts, list.of) || list.of.length > slot.index) return undefined
      const at = recorded.end
      const edit = { file: facts.path, start: at, end: at, text: `.slice(0, ${list.of.length})` }
      return { edits: [edit], imports: [] }
    }
    case 'other':
      return undefined
  }
}

interface ArgumentList {
  /** Offsets of the brackets. */
  readonly open: number
  readonly close: number
  readonly items: readonly ExprId[]
}

/** As the call itself grows: an argument at its position, or a key of the options. */
function addToList(
  facts: FileFacts,
  text: string,
  { open, close, items: ids }: ArgumentList,
  from: number,
  slot: Slot & { kind: 'argument' | 'option' },
  value: string,
): TextEdit | undefined {
  if (hasSpread(facts, ids) || ids.length < from) return undefined
  const items = ids.flatMap((each): Span | [] => facts.exprs[each] ?? [])
  const at = slot.index + from
  const file = facts.path
  if (items.length <= at) {
    const gap = Array.from({ length: at - items.length }, () => 'undefined')
    const added = slot.kind === 'argument' ? value : `{ ${slot.key}: ${value} }`
    return appendItems({ file, text, open, close, items }, [...gap, added])
  }
  const given = bare(facts, ids[at])
  if (slot.kind === 'argument' || given?.k !== 'obj') return undefined
  if (given.props.some((each) => each.spread || each.name === slot.key)) return undefined
  const object = { file, text, open: given.start, close: given.end - 1, items: given.props }
  return appendItems(object, [`${slot.key}: ${value}`])
}

function hasSpread({ exprs }: FileFacts, ids: readonly ExprId[]): boolean {
  return ids.some((each) => exprs[each]?.k === 'spread')
}

const RUNTIME_ASSERT = '@ctx-fix/runtime/assert'

function anySignalIn(facts: FileFacts): {
  readonly local: string
  readonly imports: readonly ImportNeed[]
} {
  const name = 'anySignal'
  const known = importedName(facts, RUNTIME_ASSERT, name)
  if (known !== undefined) return { local: known, imports: [] }
  return { local: name, imports: [{ file: facts.path, module: RUNTIME_ASSERT, name }] }
}
