import {
  appendItems,
  endOfLine,
  fnKey,
  freeSignalName,
  indentationAt,
  isAltered,
  parameterEdits,
  referenceToArrow,
  type Analysis,
  type Fn,
  type FnRef,
  type Refusal,
  type Signature,
  type Slot,
  type TextEdit,
} from '@ctx-fix/core'
import { familyOf, type Family } from './family.js'
import { familyWidth, type FamilyWidth } from './family-width.js'
import { isHandedOnUnseen, looseCall } from './loose-uses.js'
import { optionsBagOf, type OptionsBag } from './options-bag.js'

/** How a function is to take its signal. */
export interface SignaturePlan {
  readonly unit: FnRef
  /** The signal as it is written inside the function. */
  readonly name: string
  /** Where calls pass it. */
  readonly slot: Slot & { readonly kind: 'argument' | 'option' }
  readonly edits: readonly TextEdit[]
  /** Those of what declares it for its callers: other implementations may need the same. */
  readonly shared: readonly TextEdit[]
  /** A declaration that several functions may share. */
  readonly declaration?: OptionsBag['declaration']
}

export type SignatureResult = SignaturePlan | { readonly refusal: Refusal }

export interface SignatureContext {
  readonly analysis: Analysis
  readonly texts: ReadonlyMap<string, string>
  readonly isEditable: (file: string) => boolean
  /** `exactOptionalPropertyTypes` is on: an optional key has to say that it may be undefined. */
  readonly isExact: boolean
  /** Whether the file is JavaScript that a type checker reads. */
  readonly isChecked: (file: string) => boolean
}

/** Adds an optional trailing parameter to a function, its overloads, and what declares it for its callers. */
export function planSignature(context: SignatureContext, unit: FnRef): SignatureResult {
  const { analysis } = context
  const facts = analysis.resolver.program.facts(unit.file)
  const fn = analysis.resolver.program.fn(unit.file, unit.fn)
  const refusal = refuse(context, unit, fn)
  if (refusal) return { refusal }
  const family = familyOf(analysis, unit)
  const declarations = [fn, ...family.overloads]
  if (overridesForeign(context, unit, fn, family)) return { refusal: 'foreign-signature' }
  const width = familyWidth(analysis, unit)
  if ('refusal' in width) return width
  const { index } = width
  const loose = looseCall(analysis, unit, index) ?? iteratedAsItIs(context, unit, index)
  if (loose) return { refusal: loose }
  if ([...family.signatures, ...family.members].some((each) => !context.isEditable(each.file)))
    return { refusal: 'outside-program' }
  const bag = optionsBagOf(analysis, context.texts, unit, context.isExact)
  if (
    bag &&
    index === fn.params.length &&
    family.overloads.length === 0 &&
    context.isEditable(bag.declaration.edit.file)
  )
    return {
      unit,
      name: bag.name,
      slot: { kind: 'option', index: bag.index, key: bag.key, accepts: optional },
      edits: bag.edits,
      shared: [],
      declaration: bag.declaration,
    }
  const name = freeSignalName(facts, unit.fn)
  return {
    unit,
    name,
    slot: { kind: 'argument', index, accepts: optional },
    edits: declarations.flatMap((each) =>
      functionEdits(context, unit.file, each, name, filling(width, each, 'unknown')),
    ),
    shared: [
      ...family.signatures.map((each) => signatureEdit(context, each.file, each.signature, width)),
      ...memberEdits(context, family, width),
    ],
  }
}

const optional = { undefined: true, null: false }

/**
 * The parameters between the last of a function and the signal. What has no body tells its callers that nothing is
 * taken there; a body takes what others of its family do, and leaves it.
 */
function filling(
  { names, index }: FamilyWidth,
  { params, hasBody }: Pick<Fn, 'params' | 'hasBody'>,
  taken: 'unknown' | 'undefined',
): readonly Filling[] {
  return names
    .slice(params.length, index)
    .map((name) =>
      hasBody ? { name: `_${name}`, type: `?: ${taken}` } : { name, type: '?: undefined' },
    )
}

interface Filling {
  readonly name: string
  /** What is written behind the name in TypeScript. */
  readonly type: string
}

function refuse(context: SignatureContext, unit: FnRef, fn: Fn): Refusal | undefined {
  const { analysis } = context
  if (!context.isEditable(unit.file)) return 'outside-program'
  if (fn.kind === 'constructor' || fn.kind === 'getter' || fn.kind === 'setter')
    return 'constructor-or-accessor'
  if (fn.params.some((each) => each.rest)) return 'rest-parameter'
  if (fn.usesArguments) return 'uses-arguments-object'
  if (isAltered(analysis.resolver, unit)) return 'decorator-alters-arguments'
  // A test that spies on it does not fix its signature.
  const callers = (analysis.callers.get(fnKey(unit)) ?? []).filter(
    (each) => !analysis.isExempt(each.file),
  )
  if (callers.some((each) => each.consumer === 'foreign')) return 'framework-fixes-signature'
  // Without types nothing would notice what an unknown caller passes in the new place.
  const isPlain = !isTyped(unit.file)
  if (isPlain && callers.some((each) => each.consumer === 'own')) return 'passed-as-value'
  if (isHandedOnUnseen(analysis, unit)) return 'passed-as-value'
  return undefined
}

/** Why a reference to it cannot become an arrow, where what iterates would give its new parameter an index. */
function iteratedAsItIs(
  { analysis, texts, isEditable }: SignatureContext,
  unit: FnRef,
  index: number,
): Refusal | undefined {
  const slot = { kind: 'argument', index, accepts: optional } as const
  for (const node of analysis.callers.get(fnKey(unit)) ?? []) {
    if (node.kind !== 'reference' || node.consumer !== 'iteration') continue
    if (!isEditable(node.file)) return 'passed-as-value'
    const arrow = referenceToArrow(analysis, node, texts.get(node.file) ?? '', slot, 'signal')
    if ('refusal' in arrow) return arrow.refusal
  }
  return undefined
}

/** `override` of a method that no class of the program declares: a library's, which calls it as it likes. */
function overridesForeign(
  { analysis, texts }: SignatureContext,
  { file }: FnRef,
  fn: Fn,
  { members, signatures }: Family,
): boolean {
  if (fn.cls === undefined || members.length > 0 || signatures.length > 0) return false
  const { members: own } = analysis.resolver.program.cls(file, fn.cls)
  const member = own.find((each) => each.fn === fn.id)
  const head = member && texts.get(file)?.slice(member.start, fn.start)
  return head !== undefined && /\boverride\s/.test(head)
}

export function isTyped(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file)
}

function functionEdits(
  context: SignatureContext,
  file: string,
  fn: Fn,
  name: string,
  before: readonly Filling[],
): readonly TextEdit[] {
  const text = context.texts.get(file) ?? ''
  const isWritten = needsAnnotation(fn)
  const all = [...before, { name, type: '?: AbortSignal' }]
  if (isTyped(file)) {
    const added = all.map((each) => (isWritten ? each.name + each.type : each.name))
    return parameterEdits(file, text, fn, added.join(', '))
  }
  const plain = all.map((each) => each.name).join(', ')
  if (fn.paramsDocEnd !== undefined)
    return [...parameterEdits(file, text, fn, plain), docEdit(file, text, fn.paramsDocEnd, name)]
  const isChecked = isWritten && context.isChecked(file)
  const typed = [...before.map((each) => each.name), `/** @type {AbortSignal=} */ ${name}`]
  return parameterEdits(file, text, fn, isChecked ? typed.join(', ') : plain)
}

/** One more `@param`, on a line like that of the last. */
function docEdit(file: string, text: string, at: number, name: string): TextEdit {
  const last = text.lastIndexOf('@param', at)
  const isOneLine = !/^[^\n]*\n/.test(text.slice(at, text.indexOf('*/', at)))
  const before = /^[ \t]*\*?[ \t]*$/.exec(text.slice(text.lastIndexOf('\n', last) + 1, last))?.[0]
  const gap = isOneLine ? ' ' : `${endOfLine(text)}${before ?? `${indentationAt(text, last)} * `}`
  return { file, start: at, end: at, text: `${gap}@param {AbortSignal} [${name}]` }
}

/** An arrow whose parameters are untyped is typed by its place; one annotation would not hurt, so it gets it. */
function needsAnnotation(fn: Fn): boolean {
  return (
    fn.contextType === undefined ||
    fn.params.some((each) => each.type !== undefined) ||
    fn.params.length === 0
  )
}

function signatureEdit(
  context: SignatureContext,
  file: string,
  signature: Signature,
  { names, index }: FamilyWidth,
): TextEdit {
  const text = context.texts.get(file) ?? ''
  const items = signature.self ? [signature.self, ...signature.params] : signature.params
  const open = text.lastIndexOf('(', items[0]?.start ?? signature.close)
  return appendItems({ file, text, open, close: signature.close, items }, [
    ...names.slice(signature.params.length, index).map((name) => `${name}?: undefined`),
    'signal?: AbortSignal',
  ])
}

/**
 * The members that callers see: abstract methods, and those of base classes, which pass it on to nothing.
 * Others are threaded where they want a signal themselves.
 */
function memberEdits(
  context: SignatureContext,
  family: Family,
  width: FamilyWidth,
): readonly TextEdit[] {
  const { program } = context.analysis.resolver
  const { wanting, idling } = context.analysis
  return family.members.flatMap((ref) => {
    const fn = program.fn(ref.file, ref.fn)
    const before = filling(width, fn, 'undefined')
    if (!fn.hasBody) return functionEdits(context, ref.file, fn, 'signal', before)
    const key = fnKey(ref)
    // Scripts call with as many arguments as they like.
    if (wanting.has(key) || idling.has(key) || !isTyped(ref.file)) return []
    return functionEdits(context, ref.file, fn, '_signal', before)
  })
}
