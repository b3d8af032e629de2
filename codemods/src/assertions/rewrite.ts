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
      const words =
        by.k === 'sinon' ? wordsOfSinon(by.name ?? '') : wordsOfExpect(facts, signal.local)
      const list = { open: site.open, close: site.close, items: call.args }
      const edits = addToList(facts, text, list, from, slot, words)
      return edits && { edits, imports: by.k === 'sinon' ? [] : neededFor(slot, signal) }
    }
    case 'lists':
      return inLists(facts, text, expected.lists, slot, signal)
    case 'slices':
      if (slot.kind === 'argument') return asBefore(facts, expected, slot.index)
      return expected.isMatching ? inLists(facts, text, expected.lists, slot, signal) : undefined
    case 'other':
      return undefined
  }
}

function inLists(
  facts: FileFacts,
  text: string,
  lists: readonly ExprId[],
  slot: Slot & { kind: 'argument' | 'option' },
  signal: AnySignal,
): Rewritten | undefined {
  const words = wordsOfExpect(facts, signal.local)
  const changes = lists.map((id) => {
    const list = bare(facts, id)
    if (list?.k !== 'arr') return undefined
    const span = { open: list.start, close: list.end - 1, items: list.of }
    return addToList(facts, text, span, 0, slot, words)
  })
  const edits = changes.flatMap((each) => each ?? [])
  return changes.length === 0 || changes.includes(undefined)
    ? undefined
    : { edits, imports: neededFor(slot, signal) }
}

/**
 * As many of the recorded arguments as were compared before. A matcher would do where a signal is passed only:
 * `toEqual` leaves an argument that is undefined out.
 */
function asBefore(
  facts: FileFacts,
  { lists, recorded, isList }: Assertion['expected'] & { k: 'slices' },
  index: number,
): Rewritten | undefined {
  const lengths = lists.map((each) => {
    const list = bare(facts, each)
    const isKnown = list?.k === 'arr' && !hasSpread(facts, list.of) && list.of.length <= index
    return isKnown ? list.of.length : undefined
  })
  const [length] = lengths
  const actual = facts.exprs[recorded]
  if (!actual || length === undefined || lengths.some((each) => each !== length)) return undefined
  const slice = `.slice(0, ${length})`
  const call = /\.[cm]?tsx?$/.test(facts.path) ? 'call: unknown[]' : 'call'
  const mayMiss = actual.k === 'member' && actual.name === 'lastCall'
  const text = isList ? `.map((${call}) => call${slice})` : `${mayMiss ? '?' : ''}${slice}`
  const at = actual.end
  return { edits: [{ file: facts.path, start: at, end: at, text }], imports: [] }
}

interface ArgumentList {
  /** Offsets of the brackets. */
  readonly open: number
  readonly close: number
  readonly items: readonly ExprId[]
}

/** How what a test expects says "a signal, or none". */
interface Words {
  /** For an argument. */
  readonly any: string
  /** What options stand in that may have one key more; undefined where nothing says so. */
  readonly holding: string | undefined
  /** For options that were not passed before. */
  readonly options: string | undefined
}

const wordsOfSinon = (sinon: string): Words => ({
  any: `${sinon}.match.any`,
  holding: `${sinon}.match`,
  options: `${sinon}.match.object`,
})

/** A key with `anySignal` would ask for a signal: Jest and Vitest take a key that is undefined for none at all. */
function wordsOfExpect({ exprs }: FileFacts, any: string): Words {
  const hasExpect = exprs.some((each) => each.k === 'id' && each.name === 'expect')
  return hasExpect
    ? { any, holding: 'expect.objectContaining', options: 'expect.any(Object)' }
    : { any, holding: undefined, options: undefined }
}

/** As the call itself grows: an argument at its position, or a key of the options. */
function addToList(
  facts: FileFacts,
  text: string,
  { open, close, items: ids }: ArgumentList,
  from: number,
  slot: Slot & { kind: 'argument' | 'option' },
  { any, holding, options }: Words,
): readonly TextEdit[] | undefined {
  if (hasSpread(facts, ids) || ids.length < from) return undefined
  const items = ids.flatMap((each): Span | [] => facts.exprs[each] ?? [])
  const at = slot.index + from
  const file = facts.path
  if (items.length <= at) {
    const gap = Array.from({ length: at - items.length }, () => 'undefined')
    const added = slot.kind === 'argument' ? any : options
    return added === undefined
      ? undefined
      : [appendItems({ file, text, open, close, items }, [...gap, added])]
  }
  const given = bare(facts, ids[at])
  if (slot.kind === 'argument' || given?.k !== 'obj' || holding === undefined) return undefined
  if (given.props.some((each) => each.name === slot.key)) return undefined
  return [
    { file, start: given.start, end: given.start, text: `${holding}(` },
    { file, start: given.end, end: given.end, text: ')' },
  ]
}

function hasSpread({ exprs }: FileFacts, ids: readonly ExprId[]): boolean {
  return ids.some((each) => exprs[each]?.k === 'spread')
}

/** Only an argument of its own is matched by `anySignal`. */
function neededFor(slot: Slot, { imports }: AnySignal): readonly ImportNeed[] {
  return slot.kind === 'argument' ? imports : []
}

const RUNTIME_ASSERT = '@ctx-fix/runtime/assert'

interface AnySignal {
  readonly local: string
  readonly imports: readonly ImportNeed[]
}

function anySignalIn(facts: FileFacts): AnySignal {
  const name = 'anySignal'
  const known = importedName(facts, RUNTIME_ASSERT, name)
  if (known !== undefined) return { local: known, imports: [] }
  return { local: name, imports: [{ file: facts.path, module: RUNTIME_ASSERT, name }] }
}
