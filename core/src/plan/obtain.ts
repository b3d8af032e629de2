import type { ImportNeed } from '../edits/plan.js'
import type { TextEdit } from '../edits/text-edit.js'
import type { FileFacts, Fn, FnId, Param, PatternFact } from '../facts/types.js'
import type { Refusal } from '../findings/reasons.js'
import type { RequestAccess, SignalSource } from '../graph/model.js'
import { firstStatement } from './first-statement.js'
import { appendItems, appendMember } from './insertions.js'
import { freeName, freeSignalName, importAs, type ImportedNames } from './names.js'

/** How a call comes by its signal: the expression to write, and what has to be there for it. */
export interface Obtained {
  readonly signal: string
  readonly edits: readonly TextEdit[]
  readonly imports: readonly ImportNeed[]
}

export type ObtainResult = Obtained | { readonly refusal: Refusal }

/** Edits that make a source's signal available under an expression. */
export function obtain(
  facts: FileFacts,
  text: string,
  source: SignalSource,
  names?: ImportedNames,
): ObtainResult {
  switch (source.kind) {
    case 'binding':
    case 'member':
    case 'this':
      return { signal: source.text, edits: [], imports: [] }
    case 'pattern':
      return source.pattern
        ? extendPattern(facts, text, source.pattern)
        : { refusal: 'callee-unknown' }
    case 'callback':
      return source.callback
        ? declareParameter(
            facts,
            text,
            source.callback.fn,
            freeSignalName(facts, source.callback.fn),
            source.callback.annotation,
          )
        : { refusal: 'callee-unknown' }
    case 'request':
      return source.request
        ? deriveFromRequest(facts, text, source.request, names)
        : { refusal: 'no-request-in-handler' }
  }
}

/** `{ id }` becomes `{ id, signal }`. */
function extendPattern(
  facts: FileFacts,
  text: string,
  at: { fn: FnId; param: number; key: string },
): ObtainResult {
  const pattern = facts.functions[at.fn]?.params[at.param]?.pattern
  if (!pattern || pattern.rest) return { refusal: 'callee-unknown' }
  const local = freeSignalName(facts, at.fn)
  const edit = extendedPattern(facts, text, pattern, at.key, local)
  return { signal: local, edits: [edit], imports: [] }
}

function extendedPattern(
  facts: FileFacts,
  text: string,
  pattern: PatternFact,
  key: string,
  local: string,
): TextEdit {
  const items =
    pattern.last > pattern.start + 1 ? [{ start: pattern.start + 1, end: pattern.last }] : []
  return appendItems(
    { file: facts.path, text, open: pattern.start, close: pattern.end - 1, items },
    [local === key ? key : `${key}: ${local}`],
  )
}

/** Adds a parameter at the end: `() =>` becomes `(signal) =>`. `text` may carry a type. */
export function declareParameter(
  facts: FileFacts,
  text: string,
  id: FnId,
  name: string,
  annotation = '',
): ObtainResult {
  const fn = facts.functions[id]
  if (!fn) return { refusal: 'callee-unknown' }
  return {
    signal: name,
    edits: parameterEdits(facts.path, text, fn, name + annotation),
    imports: [],
  }
}

export function parameterEdits(file: string, text: string, fn: Fn, added: string): TextEdit[] {
  const [only] = fn.params
  if (fn.close === undefined) {
    if (!only) return []
    return [
      { file, start: only.start, end: only.start, text: '(' },
      { file, start: only.end, end: only.end, text: `, ${added})` },
    ]
  }
  const items = fn.self ? [fn.self, ...fn.params] : fn.params
  const starts = [...fn.params.flatMap(startsOf), fn.self?.start ?? fn.close, fn.close]
  const open = text.lastIndexOf('(', Math.min(...starts))
  return [appendItems({ file, text, open, close: fn.close, items }, [added])]
}

/** Where a parameter starts, and its decorators before it. */
function startsOf(param: Param): number[] {
  return [param.start, ...param.decorators.map((each) => each.start)]
}

/** `const signal = requestSignal(req)` at the top of the handler, or the call in place where there are no braces. */
export function deriveFromRequest(
  facts: FileFacts,
  text: string,
  request: RequestAccess,
  names?: ImportedNames,
): ObtainResult {
  if (request.native !== undefined) return { signal: request.native, edits: [], imports: [] }
  const fn = facts.functions[request.fn]
  if (!fn) return { refusal: 'no-request-in-handler' }
  if (request.param === undefined && request.parameter)
    return declareDecorated(facts, text, fn, request, request.parameter, names)
  const param = accessTo(facts, text, fn, request)
  if (!param) return { refusal: request.byOption ? 'request-by-option' : 'no-request-in-handler' }
  if (request.isSignal === true) return { signal: param.name, edits: param.edits, imports: [] }
  const { local, imports } = importAs(facts, fn.id, request.module, 'requestSignal', names)
  const second = request.behind === undefined ? undefined : fn.params[request.index + 1]?.name
  const derived = `${local}(${second === undefined ? param.name : `${param.name}, ${second}`})`
  if (fn.concise) return { signal: derived, edits: param.edits, imports }
  const name = freeSignalName(facts, fn.id)
  return {
    signal: name,
    edits: [
      ...param.edits,
      firstStatement(facts.path, text, fn, ...param.statements, `const ${name} = ${derived}`),
    ],
    imports,
  }
}

/** What stands for the request in the handler, and what has to be there for it. */
interface Access {
  readonly name: string
  readonly edits: readonly TextEdit[]
  /** At the top of the body. */
  readonly statements: readonly string[]
}

function accessTo(
  facts: FileFacts,
  text: string,
  fn: Fn,
  request: RequestAccess,
): Access | undefined {
  if (request.optional) return { name: '', edits: [], statements: [] }
  if (request.isTakenApart) return wholeRequest(facts, text, fn, request)
  const param = request.part
    ? requestPart(facts, text, fn, request, request.part)
    : requestParameter(facts, text, fn, request)
  return param && { ...param, statements: [] }
}

/**
 * `async ({ data }) => {` becomes `async (job) => { const { data } = job`. Not where the names are declared again
 * or assigned, a default reads them, or there is no body for the statement.
 */
function wholeRequest(
  facts: FileFacts,
  text: string,
  fn: Fn,
  { index, named = 'request' }: RequestAccess,
): Access | undefined {
  const param = fn.params[index]
  if (!param || fn.concise || param.rest) return undefined
  if (param.decorators.length > 0 && !param.pattern) return undefined
  if (fn.params.some((each) => each.fallback !== undefined)) return undefined
  const parts = facts.bindings.filter(
    (each) => each.param?.fn === fn.id && each.param.index === index,
  )
  const isFixed = parts.every(
    (part) =>
      part.writes.length === 0 &&
      !facts.bindings.some(
        (each) =>
          each !== part && each.fn === fn.id && each.name === part.name && each.kind !== 'param',
      ),
  )
  if (!isFixed) return undefined
  const name = freeName(facts, fn.id, named.split(': ')[0] ?? named)
  const { start } = param.pattern ?? param
  const end = param.nameEnd
  return {
    name,
    edits: [{ file: facts.path, start, end, text: name }],
    statements: [`const ${text.slice(start, end)} = ${name}`],
  }
}

/** Adds a parameter that the framework fills: `@Signal() signal: AbortSignal`, or `@Req() req: object`. */
function declareDecorated(
  facts: FileFacts,
  text: string,
  fn: Fn,
  request: RequestAccess,
  parameter: NonNullable<RequestAccess['parameter']>,
  names?: ImportedNames,
): ObtainResult {
  const { module, decorator, annotation, optional } = parameter
  const { local, imports } = importAs(facts, fn.id, module, decorator, names)
  if (parameter.byName && local !== decorator) return { refusal: 'no-request-in-handler' }
  const signal = freeSignalName(facts, fn.id)
  const name = parameter.request ? freeName(facts, fn.id, parameter.request) : signal
  const edits = parameterEdits(facts.path, text, fn, `@${local}() ${name}${annotation}`)
  if (name === signal) return { signal, edits, imports }
  const derive = importAs(facts, fn.id, request.module, 'requestSignal', names)
  // Others than the framework may call the method, and give it no request.
  const derived = `${optional ? `${name} && ` : ''}${derive.local}(${name})`
  return {
    signal,
    edits: [...edits, firstStatement(facts.path, text, fn, `const ${signal} = ${derived}`)],
    imports: [...imports, ...derive.imports],
  }
}

function requestParameter(
  facts: FileFacts,
  text: string,
  fn: Fn,
  request: RequestAccess,
): { name: string; edits: TextEdit[] } | undefined {
  if (request.param !== undefined) return usedParameter(facts, text, fn, request.param)
  if (fn.params.length !== request.index || fn.usesArguments) return undefined
  const [wanted = 'request', type] = (request.named ?? 'request').split(': ')
  const name = freeName(facts, fn.id, wanted)
  // What types the function types its parameters too.
  const isTyped =
    type !== undefined && fn.contextType === undefined && !/\.[cm]?jsx?$/.test(facts.path)
  const added = isTyped ? `${name}: ${type}` : name
  const access = request.member === undefined ? name : `${name}.${request.member}`
  return { name: access, edits: parameterEdits(facts.path, text, fn, added) }
}

/** A member of a request that is taken apart, which the pattern may have yet to take. */
function requestPart(
  facts: FileFacts,
  text: string,
  fn: Fn,
  request: RequestAccess,
  { key, local, missing }: NonNullable<RequestAccess['part']>,
): { name: string; edits: readonly TextEdit[] } | undefined {
  if (local !== undefined) return { name: local, edits: [] }
  const param = fn.params[request.index]
  const pattern = param?.pattern
  if (!pattern) return declarePattern(facts, text, fn, request, key)
  // The name `signal` is for what is made of it.
  const isOwn = request.isSignal === true || fn.concise || key !== 'signal'
  const name = freeName(facts, fn.id, isOwn ? key : 'clientSignal')
  const widened = missing === undefined ? [] : widenedType(facts, text, param.type, missing)
  return { name, edits: [extendedPattern(facts, text, pattern, key, name), ...widened] }
}

/** `{ id: string }` gains a member; `Props`, which others may take and make too, becomes `Props & { … }`. */
function widenedType(
  { path: file, types }: FileFacts,
  text: string,
  id: number | undefined,
  member: string,
): TextEdit[] {
  const type = types[id ?? -1]
  if (!type) return []
  if (type.k === 'lit')
    return [appendMember({ file, text, open: type.start, members: type.members }, member)]
  const { start, end } = type
  const added = ` & { ${member} }`
  // An intersection binds tighter than a union.
  if (type.k !== 'union') return [{ file, start: end, end, text: added }]
  return [
    { file, start, end: start, text: '(' },
    { file, start: end, end, text: `)${added}` },
  ]
}

/** `() =>` becomes `({ request }: { request: Request }) =>`. */
function declarePattern(
  facts: FileFacts,
  text: string,
  fn: Fn,
  { named, index }: RequestAccess,
  key: string,
): { name: string; edits: readonly TextEdit[] } | undefined {
  if (named === undefined || fn.params.length !== index || fn.usesArguments) return undefined
  if (freeName(facts, fn.id, key) !== key) return undefined
  const isPlain = /\.[cm]?jsx?$/.test(facts.path)
  const added = isPlain ? (named.split(': ')[0] ?? named) : named
  return { name: key, edits: parameterEdits(facts.path, text, fn, added) }
}

/** `_req` says that it is not used: now that it is, it loses the underscore, where nothing else has the name. */
function usedParameter(
  facts: FileFacts,
  text: string,
  fn: Fn,
  name: string,
): { name: string; edits: TextEdit[] } {
  const param = fn.params.find((each) => each.name === name)
  const plain = name.replace(/^_+/, '')
  const isUsed = facts.exprs.some(
    (each) => each.k === 'id' && each.name === name && fn.start <= each.start && each.end <= fn.end,
  )
  const isWritten = param && text.startsWith(name, param.start)
  if (plain === name || !/^[a-z]/i.test(plain) || !isWritten || isUsed) return { name, edits: [] }
  if (freeName(facts, fn.id, plain) !== plain) return { name, edits: [] }
  const end = param.start + name.length
  return { name: plain, edits: [{ file: facts.path, start: param.start, end, text: plain }] }
}
