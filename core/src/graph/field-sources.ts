import type { ClassId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import { isSignal } from '../resolve/values.js'
import type { SignalSource } from './model.js'
import { isNeverSet } from './set-fields.js'
import { nullishOf, signalKeys } from './slots.js'

const absent = { undefined: true, null: false }

/** `this.signal` and `this.options.signal`, but not in what `except` names, which gives it. */
export function thisSources(
  r: Resolver,
  file: string,
  cls: ClassId,
  place: Pick<SignalSource, 'fn' | 'depth' | 'deferred'>,
  except: string,
): readonly SignalSource[] {
  return signalFields(r, file, cls)
    .filter((each) => each.name !== except)
    .map(({ text, nullish }) => ({
      ...place,
      rank: 0,
      certainty: 'type',
      kind: 'this',
      text,
      nullish,
    }))
}

interface SignalField {
  readonly name: string
  /** `this.signal`, `this.options?.signal` */
  readonly text: string
  readonly nullish: SignalSource['nullish']
}

/** Asked for every call in a class's methods. */
const knownFields = new WeakMap<Resolver, Map<string, readonly SignalField[]>>()

function signalFields(r: Resolver, file: string, cls: ClassId): readonly SignalField[] {
  const byClass = knownFields.get(r) ?? new Map<string, readonly SignalField[]>()
  knownFields.set(r, byClass)
  const key = `${file}\0${cls}`
  const found = byClass.get(key) ?? findSignalFields(r, file, cls)
  byClass.set(key, found)
  return found
}

function findSignalFields(r: Resolver, file: string, cls: ClassId): readonly SignalField[] {
  return [...fieldNames(r, file, cls)].flatMap((name): SignalField[] => {
    const values = r.member([{ k: 'inst', file, cls, args: [], by: 'value' }], name)
    const text = `this.${name}`
    const isSignalField = values.some(isSignal)
    const isBag =
      values.length > 0 && values.every((each) => each.k === 'iface' || each.k === 'lit')
    if (!isSignalField && !isBag) return []
    const nullish = fieldNullish(r, file, cls, name)
    if ((nullish ?? absent).undefined && isNeverSet(r, file, cls, name)) return []
    if (isSignalField) return [{ name, text, nullish: nullish ?? absent }]
    const isOptional = nullish?.undefined === true || nullish?.null === true
    return signalKeys(r, values).map(({ key, accepts }) => ({
      name,
      text: `${text}${isOptional ? '?.' : '.'}${key}`,
      nullish: { undefined: accepts.undefined || isOptional, null: accepts.null },
    }))
  })
}

/** What the annotation of a field, or of a getter, says of its being there. */
function fieldNullish(
  r: Resolver,
  file: string,
  id: ClassId,
  name: string,
): { undefined: boolean; null: boolean } | undefined {
  const cls = r.program.cls(file, id)
  const member = cls.members.find((each) => each.name === name)
  const getter = member?.fn === undefined ? undefined : r.program.fn(file, member.fn)
  const type = member?.type ?? getter?.returnType
  if (type === undefined) return undefined
  const declared = nullishOf(r, file, type)
  return { undefined: declared.undefined || member?.optional === true, null: declared.null }
}

/** Fields and getters of a class and of the own classes that it extends, as far as it may read them. */
function fieldNames(r: Resolver, file: string, id: ClassId, depth = 0): ReadonlySet<string> {
  const cls = r.program.cls(file, id)
  const inherited = depth > 8 ? [] : r.superValues(file, id)
  const own = cls.members.filter(
    (each) =>
      !each.static &&
      (each.kind === 'field' || each.kind === 'getter') &&
      (depth === 0 || !(each.private || each.name.startsWith('#'))),
  )
  const hidden = new Set(
    depth === 0 ? [] : cls.members.filter((each) => each.private).map((each) => each.name),
  )
  return new Set([
    ...own.map((each) => each.name),
    ...cls.fields.map((each) => each.name).filter((name) => !hidden.has(name)),
    ...inherited.flatMap((base) =>
      base.k === 'inst' ? [...fieldNames(r, base.file, base.cls, depth + 1)] : [],
    ),
  ])
}
