import {
  append,
  appendItems,
  appendMember,
  bagUses,
  freeSignalName,
  oncePer,
  typeKeys,
  type Analysis,
  type FileFacts,
  type Fn,
  type FnRef,
  type Param,
  type TextEdit,
  type TypeMember,
  type Value,
} from '@ctx-fix/core'
import { relativesOf } from './family-width.js'

/** An options object that a function takes already: one more key says more than one more parameter. */
export interface OptionsBag {
  readonly index: number
  readonly key: 'signal'
  /** The signal as it is written inside the function. */
  readonly name: string
  /** Edits of the function's own pattern. */
  readonly edits: readonly TextEdit[]
  /** The declaration that gains the key; functions that share it share the edit. */
  readonly declaration: { readonly key: string; readonly edit: TextEdit }
}

interface Members {
  /** Of a type that others may take too. */
  readonly types: readonly string[]
  readonly file: string
  readonly open: number
  readonly members: readonly TypeMember[]
}

const optionsName = /^(?:options|opts)$/i
const optionsType = /(?:Options|Opts)$/

/** The bag of a function's last parameter, where it is one by its type's name or by being taken apart. */
export function optionsBagOf(
  analysis: Analysis,
  texts: ReadonlyMap<string, string>,
  unit: FnRef,
  isExact: boolean,
): OptionsBag | undefined {
  const facts = analysis.resolver.program.facts(unit.file)
  const fn = analysis.resolver.program.fn(unit.file, unit.fn)
  const index = fn.params.length - 1
  const param = fn.params[index]
  if (!param || param.rest || param.type === undefined || param.pattern?.rest === true)
    return undefined
  const declared = membersOf(analysis, facts, fn, param, texts)
  if (!declared || declared.members.some((each) => each.name === 'signal')) return undefined
  if (!isReadByName(analysis, unit, declared)) return undefined
  const text = texts.get(declared.file) ?? ''
  const member = `signal?: AbortSignal${isExact ? ' | undefined' : ''}`
  const declaration = {
    key: `${declared.file}\0${declared.open}`,
    edit: appendMember({ ...declared, text }, member),
  }
  const inside = insideFunction(facts, texts.get(unit.file) ?? '', fn, param)
  return inside && { index, key: 'signal', ...inside, declaration }
}

/**
 * Whether nothing but a read of the key would tell that the object has one more: neither in the function and its
 * family, nor in others that take the same options, which would be given the key too.
 */
function isReadByName(analysis: Analysis, unit: FnRef, declared: Members): boolean {
  const r = analysis.resolver
  const index = r.program.fn(unit.file, unit.fn).params.length - 1
  const isPlain = relativesOf(analysis, unit).every((each) => {
    const uses = bagUses(r, each, index, 'signal')
    return !uses.listed && !uses.written && !uses.unknown
  })
  return (
    isPlain &&
    declared.types.every((type) =>
      (takersOf(analysis).get(type) ?? []).every(
        (each) => !bagUses(r, each, each.index, 'signal').listed,
      ),
    )
  )
}

type Taker = FnRef & { readonly index: number }

/** The parameters that are declared to be of an own type, or of one that extends it. */
const takersOf = oncePer((analysis: Analysis): ReadonlyMap<string, readonly Taker[]> => {
  const takers = new Map<string, Taker[]>()
  for (const [file, { functions }] of analysis.resolver.program.files)
    for (const { id, params } of functions)
      params.forEach(({ type }, index) => {
        if (type === undefined) return
        for (const each of analysis.resolver.type(file, type))
          for (const key of withBases(analysis, each, 0))
            append(takers, key, { file, fn: id, index })
      })
  return takers
})

function withBases(analysis: Analysis, value: Value, depth: number): readonly string[] {
  const r = analysis.resolver
  if (value.k !== 'iface' || depth > 6) return typeKeys(value)
  const bases = value.decls.flatMap((decl) =>
    (r.program.facts(value.file).typeDecls[decl]?.extends ?? []).flatMap((each) =>
      r.type(value.file, each),
    ),
  )
  return [...typeKeys(value), ...bases.flatMap((each) => withBases(analysis, each, depth + 1))]
}

function membersOf(
  analysis: Analysis,
  facts: FileFacts,
  fn: Fn,
  param: Param,
  texts: ReadonlyMap<string, string>,
): Members | undefined {
  const type = facts.types[param.type ?? -1]
  if (!type) return undefined
  if (type.k === 'lit') {
    // An inline type is this function's own, unless something else declares the function too.
    const isBag = param.pattern !== undefined || optionsName.test(param.name ?? '')
    return isBag && fn.kind !== 'method'
      ? { types: [], file: facts.path, open: type.start, members: type.members }
      : undefined
  }
  if (type.k !== 'ref' || type.args.length > 0 || !optionsType.test(type.name.at(-1) ?? ''))
    return undefined
  const [value, ...others] = analysis.resolver.type(facts.path, param.type ?? -1)
  if (!value || others.length > 0) return undefined
  if (value.k === 'iface') {
    const decl = analysis.resolver.program.facts(value.file).typeDecls[value.decls[0] ?? -1]
    const text = texts.get(value.file)
    if (!decl || text === undefined) return undefined
    // Put together from the tags of a comment, it has no place of its own.
    if (decl.start === decl.end) return undefined
    const from = decl.members[0]?.start ?? decl.end
    const open = text.lastIndexOf('{', from - 1)
    return { types: typeKeys(value), file: value.file, open, members: decl.members }
  }
  if (value.k !== 'lit') return undefined
  const literal = analysis.resolver.program.type(value.file, value.type)
  return literal.k === 'lit' && texts.has(value.file)
    ? { types: typeKeys(value), file: value.file, open: literal.start, members: literal.members }
    : undefined
}

function insideFunction(
  facts: FileFacts,
  text: string,
  fn: Fn,
  param: Param,
): { name: string; edits: readonly TextEdit[] } | undefined {
  if (param.name !== undefined) {
    const maybe = param.optional && param.fallback === undefined ? '?.' : '.'
    return { name: `${param.name}${maybe}signal`, edits: [] }
  }
  const { pattern } = param
  if (!pattern) return undefined
  const name = freeSignalName(facts, fn.id)
  const items =
    pattern.last > pattern.start + 1 ? [{ start: pattern.start + 1, end: pattern.last }] : []
  const added = name === 'signal' ? 'signal' : `signal: ${name}`
  const list = { file: facts.path, text, open: pattern.start, close: pattern.end - 1, items }
  return { name, edits: [appendItems(list, [added])] }
}
