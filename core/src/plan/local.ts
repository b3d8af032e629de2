import { traitOf } from '../catalog/index.js'
import type { ImportNeed } from '../edits/plan.js'
import type { TextEdit } from '../edits/text-edit.js'
import type { ExprId } from '../facts/types.js'
import type { Found } from '../findings/make-finding.js'
import type { Refusal } from '../findings/reasons.js'
import { bagUses } from '../graph/bag-uses.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import type { CallNode, SignalSource } from '../graph/model.js'
import type { Nullish, Slot } from '../graph/slots.js'
import { leavesGap } from '../graph/shifted.js'
import { traceReceiver } from '../graph/trace.js'
import type { Resolver } from '../resolve/resolver.js'
import { isKeptForLater } from './kept-query.js'
import { importAs, type ImportedNames } from './names.js'
import { obtain } from './obtain.js'
import { passInList, passSignal, type CallText, type NamesTaken, type PassResult } from './pass.js'
import { referenceToArrow } from './reference.js'
import { wrapCall } from './wrap.js'

/** One way to mend a finding within its file. */
export interface LocalFix extends LocalEdits {
  /** The signal it passes, for the title of a suggestion. */
  readonly signal: string
}

export interface LocalPlan {
  /** The best first; more than one only where the choice is a person's. */
  readonly choices: readonly LocalFix[]
  readonly refusal: Refusal | undefined
}

/** What can be done about a finding without leaving its file. */
export function planLocalFix(analysis: Analysis, found: Found, text: string): LocalPlan {
  const { judgement } = found
  if (judgement?.verdict !== 'lost') return { choices: [], refusal: undefined }
  const plans = judgement.sources.map((source) => planWith(analysis, judgement, source, text))
  const choices = plans.flatMap((each) => ('edits' in each ? [each] : []))
  const refusal = plans
    .map((each) => ('refusal' in each ? each.refusal : undefined))
    .find((each) => each)
  return { choices, refusal: choices.length > 0 ? undefined : (refusal ?? 'callee-unknown') }
}

function planWith(
  analysis: Analysis,
  { node }: Judgement,
  source: SignalSource,
  text: string,
): LocalFix | { readonly refusal: Refusal } {
  if (source.hidden === true) return { refusal: 'name-shadowed' }
  // A callee that takes no signal is changed together with its callers, by the codemod.
  if (!node.slot) return { refusal: 'outside-program' }
  const facts = analysis.resolver.program.facts(node.file)
  const obtained = obtain(facts, text, source)
  if ('refusal' in obtained) return obtained
  const passed = planPass(
    analysis,
    node,
    text,
    nullishText(obtained.signal, source.nullish, acceptsOf(node)),
  )
  if ('refusal' in passed) return passed
  return {
    signal: obtained.signal,
    edits: [...obtained.edits, ...passed.edits],
    imports: [...obtained.imports, ...passed.imports],
  }
}

export function acceptsOf(node: CallNode): Nullish {
  return node.slot && node.slot.kind !== 'wrap'
    ? node.slot.accepts
    : { undefined: true, null: true }
}

/** `signal ?? undefined` where `null` may come and is not taken. */
export function nullishText(signal: string, source: Nullish, accepts: Nullish): string {
  return source.null && !accepts.null ? `${signal} ?? undefined` : signal
}

/** Edits within a file, with what they import. */
export interface LocalEdits {
  readonly edits: readonly TextEdit[]
  readonly imports: readonly ImportNeed[]
}

export type PassPlan = LocalEdits | { readonly refusal: Refusal }

export interface PassOptions {
  readonly wrapOnly?: boolean
  readonly taken?: NamesTaken
  readonly names?: ImportedNames
  /** The signal may be `undefined` in a program where an optional key may not. */
  readonly isExact?: boolean
  /** The file is type-checked: what is narrowed has to stay so. By its name, where this is not told. */
  readonly isChecked?: boolean
}

const isTypeScript = /\.[cm]?tsx?$/

/** Edits that pass a signal at a call, in the shape that is safe for its receiver. */
export function planPass(
  analysis: Analysis,
  node: CallNode,
  text: string,
  signal: string,
  options: PassOptions = {},
): PassPlan {
  const { program } = analysis.resolver
  const { taken, names } = options
  const call: CallText = {
    program,
    narrows: options.isChecked ?? isTypeScript.test(node.file),
    isFluent: node.sink?.spec.fluent === true,
    file: node.file,
    text,
    site: node.site,
    ...(taken ? { taken } : {}),
    holdsQuery: ({ start, end }) =>
      analysis.judgements.some(
        ({ node: { file, callee }, verdict }) =>
          file === node.file &&
          start <= callee.start &&
          callee.end <= end &&
          verdict !== 'irrelevant' &&
          verdict !== 'exempt',
      ),
  }
  const { slot } = node
  if (!slot) return { refusal: 'callee-unknown' }
  if (leavesGap(slot, node.shift)) return { refusal: 'passed-as-value' }
  if (slot.kind === 'option' && isData(analysis, node, slot)) return { refusal: 'options-are-data' }
  if (node.kind === 'reference')
    return withImports(referenceToArrow(analysis, node, text, slot, signal))
  if (node.shift && 'list' in node.shift)
    return withImports(passInList(call, node.shift.list, slot, signal))
  if (node.sink?.library.kind === 'database')
    return planDatabase(
      analysis,
      node,
      call,
      options.wrapOnly === true ? { kind: 'wrap' } : slot,
      signal,
      names,
    )
  if (slot.kind === 'wrap') return wrapped(call, signal, 'withSignal', names)
  const isConditional =
    options.isExact === true &&
    slot.kind === 'option' &&
    (slot.exact === true || node.sink !== undefined)
  return withImports(passSignal(call, slot, signal, isConditional))
}

/** Whether one more key in the options of an own function would be taken for more than a signal. */
function isData(
  { resolver: r }: Analysis,
  { file, expr, targets, sink, kind }: CallNode,
  { index, key }: Slot & { kind: 'option' },
): boolean {
  if (sink) return false
  const call = r.program.expr(file, expr)
  const given = kind === 'call' && call.k === 'call' ? call.args[index] : undefined
  const isCopied = given !== undefined && !isWrittenHere(r, file, given)
  // A copy of an object has the members of its class no more.
  if (isCopied && r.expr(file, given).some((each) => each.k === 'inst')) return true
  return targets.some((target) => {
    const uses = bagUses(r, target, index, key)
    return uses.listed || (isCopied && uses.written)
  })
}

function isWrittenHere(r: Resolver, file: string, id: ExprId): boolean {
  const expr = r.program.expr(file, id)
  if (expr.k === 'as' || expr.k === 'nonnull') return isWrittenHere(r, file, expr.of)
  return expr.k === 'obj' || expr.k === 'nothing' || expr.k === 'str' || expr.k === 'fn'
}

/** A call's shape changes only where the receiver's value is the library's own; all else is wrapped. */
function planDatabase(
  analysis: Analysis,
  node: CallNode,
  call: CallText,
  slot: NonNullable<CallNode['slot']>,
  signal: string,
  names: ImportedNames | undefined,
): PassPlan {
  if (node.sink?.spec.effect === 'runs-on') return { refusal: 'not-supported-library' }
  if (slot.kind !== 'wrap') {
    const trace = traceReceiver(analysis, node)
    // A position is the library's own; only keys of options are added by the runtime.
    const isNative = slot.kind === 'argument' || slot.native === true
    if (isNative || trace === 'library' || isConfigObject(call, slot.index)) {
      const passed = passSignal(call, slot, signal)
      if ('edits' in passed) return withImports(passed)
    }
  }
  if (node.sink?.spec.streams === true) return { refusal: 'stream-or-iterator' }
  if (isKeptForLater(analysis, node)) return { refusal: 'query-kept-for-later' }
  return wrapped(call, signal, 'withSignal', names, givesNothing(analysis, node) ? '<void>' : '')
}

/**
 * `async delete(): Promise<void> { return db('users').del() }`: a builder passes for a promise of nothing, the
 * promise that the wrapper makes of its rows does not.
 */
function givesNothing(
  { resolver: { program } }: Analysis,
  { file, fn, site, sink }: CallNode,
): boolean {
  const isLazy = sink && traitOf(sink.library, sink.api, 'awaited') !== undefined
  const { returnType } = program.fn(file, fn)
  if (!isLazy || site.use !== 'return' || returnType === undefined) return false
  const type = program.type(file, returnType)
  const isPromise = type.k === 'ref' && type.name.join('.') === 'Promise'
  const [given] = isPromise ? type.args : [returnType]
  const result = given === undefined ? undefined : program.type(file, given)
  return result?.k === 'nothing' && !result.isNull
}

/** A config object literal keeps its shape: one more key is nothing that an interceptor could stumble over. */
function isConfigObject(call: CallText, index: number): boolean {
  const expr = call.program.expr(call.file, call.site.expr)
  const arg = expr.k === 'call' ? expr.args[index] : undefined
  return arg !== undefined && call.program.expr(call.file, arg).k === 'obj'
}

function withImports(result: PassResult): PassPlan {
  return 'refusal' in result ? result : { ...result, imports: [] }
}

/** `detached('reason', () => call)`: free of the signal that surrounds the request. */
export function planDetached(
  analysis: Analysis,
  node: CallNode,
  text: string,
  reason: string,
  names?: ImportedNames,
): PassPlan {
  const { program } = analysis.resolver
  return wrapped(
    { program, file: node.file, text, site: node.site, narrows: isTypeScript.test(node.file) },
    `'${reason.replace(/[\\']/g, '\\$&')}'`,
    'detached',
    names,
  )
}

function wrapped(
  call: CallText,
  argument: string,
  wrapper: 'withSignal' | 'detached',
  names: ImportedNames | undefined,
  typeArguments = '',
): PassPlan {
  const facts = call.program.facts(call.file)
  const { local, imports } = importAs(facts, 0, '@ctx-fix/runtime', wrapper, names)
  const result = wrapCall(call, argument, local + typeArguments)
  if ('refusal' in result) return result
  return { ...result, imports }
}
