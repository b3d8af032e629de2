import { entityOf } from '../catalog/index.js'
import type { Expr, ExprId, FileFacts, Fn, Span } from '../facts/types.js'
import type { Found } from '../findings/make-finding.js'
import type { Finding } from '../findings/finding.js'
import type { Analysis, Judgement } from '../graph/analysis.js'
import { findAppCreations } from '../graph/applications.js'
import { expressionFreshness } from '../graph/freshness.js'
import { fnKey, type CallNode } from '../graph/model.js'
import { markedWork } from '../graph/marked.js'
import { requestOf } from '../graph/request.js'
import { surroundOf } from '../graph/surround.js'
import { planEstablish } from './establish.js'
import { freshSignals } from './fresh-signals.js'
import { pathOf } from '../resolve/path.js'
import { isLibrary, type Value } from '../resolve/values.js'
import { planClear, planRelease } from './give-back.js'
import { appendItems } from './insertions.js'
import { planDetached, planLocalFix, planPass, type LocalFix } from './local.js'
import { freeSignalName, importAs } from './names.js'
import { parameterEdits } from './obtain.js'
import { planRace } from './race.js'
import { planSurround } from './surround.js'

/** An edit for a person to choose: what it does, and the edits within the file. */
export interface Suggestion extends LocalFix {
  /**
   * `take` adds a parameter, `join` derives a fresh signal from the caller's, `replace` swaps a signal that does not work, `enclose` puts
   * the rest in `try … finally`.
   */
  readonly kind: 'pass' | 'take' | 'join' | 'replace' | 'add' | 'remove' | 'enclose'
}

/** Everything that a person could choose for a finding, the best first. */
export function planSuggestions(analysis: Analysis, found: Found, text: string): Suggestion[] {
  const { finding, judgement } = found
  const facts = analysis.resolver.program.facts(finding.file)
  switch (finding.reason) {
    case 'sink-without-signal-no-source':
      return judgement
        ? [
            ...passFresh(analysis, judgement, text),
            ...takeParameter(analysis, judgement, facts, text),
          ]
        : []
    case 'fresh-signal-unlinked':
      return judgement ? joinWithCaller(judgement, facts, finding, text) : []
    case 'fresh-signal-on-one-branch': {
      const side = freshSide(analysis, facts, finding)
      return judgement && side ? joinWithCaller(judgement, facts, side, text) : []
    }
    case 'outer-signal-shadowed':
      return judgement ? passNearer(judgement, facts, finding) : []
    case 'app-establishes-nothing':
      return establishAround(analysis, finding, text)
    case 'entry-establishes-nothing':
      return surroundHandler(analysis, finding, text)
    case 'handler-uses-broken-signal':
    case 'signal-without-deadline':
      return deriveInstead(analysis, facts, finding)
    case 'outer-client-in-transaction':
      return judgement ? useInnerClient(analysis, judgement, found) : []
    case 'lazy-query-escapes':
      return awaitInside(facts, finding)
    case 'signal-without-strategy':
      return judgement ? addStrategy(analysis, judgement, found, text) : []
    case 'client-never-released':
    case 'client-released-on-one-path':
      return enclosing(planRelease(analysis, finding, text))
    case 'timer-never-cleared':
    case 'timer-cleared-on-one-path':
      return enclosing(planClear(analysis, finding, text))
    case 'timeout-only-rejects': {
      const planned = planRace(analysis, finding, text)
      return planned ? [{ ...planned, kind: 'replace' }] : []
    }
    case 'handler-listens-to-request-close':
      return listenToSignal(analysis, facts, finding, text)
    case 'marked-work-surrounded':
      return judgement ? runDetached(analysis, judgement, text) : []
    case 'marker-unused':
      return [{ ...noImports, kind: 'remove', signal: '', edits: [removal(facts, finding, text)] }]
    default:
      return planLocalFix(analysis, found, text).choices.map((each) => ({ ...each, kind: 'pass' }))
  }
}

/** The work runs in `detached()`, with the reason that its comment gives. */
function runDetached(analysis: Analysis, { node }: Judgement, text: string): Suggestion[] {
  const reason = markedWork(analysis).find((each) => each.judgement.node === node)?.reason
  const planned = planDetached(analysis, node, text, reason ?? '')
  return 'refusal' in planned ? [] : [{ ...planned, kind: 'add', signal: 'detached()' }]
}

const noImports = { imports: [] }

function enclosing(edits: LocalFix['edits'] | undefined): Suggestion[] {
  return edits ? [{ ...noImports, kind: 'enclose', signal: 'finally', edits }] : []
}

/** The application registers the runtime's middleware. */
function establishAround(analysis: Analysis, { file, start }: Finding, text: string): Suggestion[] {
  const app = findAppCreations(analysis).find((each) => each.file === file && each.start === start)
  const planned = app && planEstablish(analysis, app, text)
  return planned ? [{ ...planned, kind: 'add', signal: app.establish.name }] : []
}

/** The handler is given the runtime's wrapper, where it stands or is registered in this file. */
function surroundHandler(analysis: Analysis, { file, start }: Finding, text: string): Suggestion[] {
  const entry = [...analysis.entries.values()].find(
    (each) => each.file === file && analysis.resolver.program.fn(file, each.fn).start === start,
  )
  const surround = entry && surroundOf(analysis.resolver.catalog, entry)
  const planned = surround && planSurround(analysis, entry, surround, () => text)
  if (!planned || 'refusal' in planned || planned.edits.some((each) => each.file !== file))
    return []
  return [{ ...planned, kind: 'add', signal: surround.name }]
}

/** Libraries whose transactions have the members of the client that they are of. */
const interchangeable = new Set([
  'pg',
  'prisma',
  'drizzle-orm',
  'kysely',
  'knex',
  'pg-promise',
  'slonik',
])

/** `prisma.user.create(…)` becomes `tx.user.create(…)`. */
function useInnerClient(analysis: Analysis, { node }: Judgement, { finding }: Found): Suggestion[] {
  const inner = finding.words['source']?.replaceAll('`', '')
  if (inner === undefined || !interchangeable.has(node.sink?.library.name ?? '')) return []
  const client = clientOf(analysis, node)
  if (!client) return []
  const edit = { file: node.file, start: client.start, end: client.end, text: inner }
  return [{ ...noImports, kind: 'replace', signal: inner, edits: [edit] }]
}

/** The first part of a callee that can begin a transaction: `this.prisma` of `this.prisma.user.create`. */
function clientOf({ resolver: r }: Analysis, { file, expr }: CallNode): Span | undefined {
  const { exprs } = r.program.facts(file)
  let found: Span | undefined
  for (let at: ExprId | undefined = expr; at !== undefined;) {
    const each: Expr | undefined = exprs[at]
    if (each && pathOf(exprs, at) !== undefined && beginsTransactions(r.expr(file, at)))
      found = each
    at = each?.k === 'call' ? each.callee : each?.k === 'member' ? each.object : undefined
  }
  return found
}

function beginsTransactions(values: readonly Value[]): boolean {
  return values.some(
    (each) =>
      isLibrary(each, 'pg', 'Pool') ||
      (each.k === 'lib' &&
        Object.values(entityOf(each.lib, each.entity)?.members ?? {}).some(
          (member) => member.transaction === true || member.returns === 'TransactionBuilder',
        )),
  )
}

/** `() => query` becomes `async () => await query`. */
function awaitInside(facts: FileFacts, { start, end }: Span): Suggestion[] {
  const fn = facts.functions.findLast((each) => each.start <= start && end <= each.end)
  const isReturned = fn?.returns.some((each) => facts.exprs[each]?.start === start) === true
  if (!fn || !isReturned || fn.generator || (fn.kind !== 'arrow' && fn.kind !== 'function'))
    return []
  const file = facts.path
  const edits = [
    ...(fn.async ? [] : [{ file, start: fn.start, end: fn.start, text: 'async ' }]),
    { file, start, end: start, text: 'await ' },
  ]
  return [{ ...noImports, kind: 'add', signal: 'await', edits }]
}

/** A signal that the function has made for itself. */
function passFresh(analysis: Analysis, { node }: Judgement, text: string): Suggestion[] {
  return freshSignals(analysis.resolver, node).flatMap((signal): Suggestion[] => {
    const passed = planPass(analysis, node, text, signal)
    return 'refusal' in passed ? [] : [{ ...passed, kind: 'pass', signal }]
  })
}

/** The function around the call takes a signal, optional and last, and the call passes it. */
function takeParameter(
  analysis: Analysis,
  { node, unit }: Judgement,
  facts: FileFacts,
  text: string,
): Suggestion[] {
  const fn = unit?.file === node.file ? facts.functions[unit.fn] : undefined
  if (!fn || !unit || analysis.entries.has(fnKey(unit)) || !canTakeParameter(fn)) return []
  const name = freeSignalName(facts, fn.id)
  const passed = planPass(analysis, node, text, name)
  if ('refusal' in passed) return []
  const isTyped = /\.[cm]?tsx?$/.test(facts.path)
  const parameter = isTyped ? `${name}?: AbortSignal` : name
  return [
    {
      kind: 'take',
      signal: fn.name === '' ? 'the function' : fn.name,
      edits: [...parameterEdits(facts.path, text, fn, parameter), ...passed.edits],
      imports: passed.imports,
    },
  ]
}

function canTakeParameter(fn: Fn): boolean {
  const isCalled = fn.kind === 'function' || fn.kind === 'arrow' || fn.kind === 'method'
  const last = fn.params.at(-1)
  return isCalled && last?.rest !== true && !fn.usesArguments
}

/** `AbortSignal.timeout(ms)` becomes `AbortSignal.any([signal, AbortSignal.timeout(ms)])`. */
function joinWithCaller(
  { sources }: Judgement,
  facts: FileFacts,
  { start, end }: Span,
  text: string,
): Suggestion[] {
  return callersSignals(sources).flatMap((source): Suggestion[] => {
    const fresh = text.slice(start, end)
    // A constant cannot be derived from itself.
    const declared = facts.bindings.find(
      (each) => each.name === source.text && each.init !== undefined,
    )
    const init = declared && facts.exprs[declared.init ?? -1]
    if (init && init.start <= start && end <= init.end) return []
    const list = /^AbortSignal\.any\(\[\s*/.exec(fresh)?.[0]
    const joined =
      list === undefined
        ? `AbortSignal.any([${source.text}, ${fresh}])`
        : `${list}${source.text}, ${fresh.slice(list.length)}`
    const { undefined: isOptional, null: isNullable } = source.nullish
    const whole = isOptional || isNullable ? `${source.text} ? ${joined} : ${fresh}` : joined
    const edits = [{ file: facts.path, start, end, text: whole }]
    return [{ ...noImports, kind: 'join', signal: source.text, edits }]
  })
}

/** `{ signal }` becomes `{ signal, inflightQueryAbortStrategy: 'cancel query' }`. */
function addStrategy(
  analysis: Analysis,
  { node }: Judgement,
  { finding }: Found,
  text: string,
): Suggestion[] {
  const { file } = node
  const given = node.given.k === 'signal' ? node.given.expr : undefined
  const owner = given === undefined ? undefined : analysis.resolver.index(file).propertyOf(given)
  const options = owner && analysis.resolver.program.expr(file, owner.object)
  const option = finding.words['source']?.replaceAll('`', '')
  const call = analysis.resolver.program.expr(file, node.expr)
  // In a constant the text would be of no more than the type `string`.
  const isThere =
    options?.k === 'obj' &&
    call.start <= options.start &&
    options.end <= call.end &&
    options.props.every((each) => each.name !== option?.split(':')[0])
  if (!isThere || option === undefined) return []
  const { start, end, props } = options
  const edit = appendItems({ file, text, open: start, close: end - 1, items: props }, [option])
  return [{ ...noImports, kind: 'add', signal: option, edits: [edit] }]
}

/** Of `slow ? AbortSignal.timeout(ms) : signal`, the side that nothing of the caller's aborts. */
function freshSide(analysis: Analysis, facts: FileFacts, { start, end }: Span): Span | undefined {
  const whole = facts.exprs.find(
    (each) => each.k === 'either' && each.start === start && each.end === end,
  )
  if (whole?.k !== 'either') return undefined
  const side = whole.of
    .slice(0, 2)
    .find((each) => expressionFreshness(analysis.resolver, facts.path, each) === 'unlinked')
  return side === undefined ? undefined : facts.exprs[side]
}

function passNearer({ sources }: Judgement, facts: FileFacts, { start, end }: Span): Suggestion[] {
  return callersSignals(sources).map((source) => ({
    ...noImports,
    kind: 'pass',
    signal: source.text,
    edits: [{ file: facts.path, start, end, text: source.text }],
  }))
}

function callersSignals(sources: Judgement['sources']): Judgement['sources'] {
  return sources.filter((each) => each.kind === 'binding' || each.kind === 'member').slice(0, 3)
}

/** `request.signal` becomes `requestSignal(request)`. */
function deriveInstead(analysis: Analysis, facts: FileFacts, span: Span): Suggestion[] {
  const { exprs } = facts
  const member = exprs.find((each) => each.start === span.start && each.end === span.end)
  const owner = member?.k === 'member' ? pathOf(exprs, member.object) : undefined
  if (member?.k !== 'member' || owner === undefined) return []
  const module = analysis.resolver
    .expr(facts.path, member.object)
    .map((each) =>
      each.k === 'lib' ? entityOf(each.lib, each.entity)?.request?.module : undefined,
    )
    .find((each) => each !== undefined)
  if (module === undefined) return []
  const { local, imports } = importAs(facts, 0, module, 'requestSignal')
  const signal = `${local}(${owner})`
  return [
    {
      kind: 'replace',
      signal,
      edits: [{ file: facts.path, start: span.start, end: span.end, text: signal }],
      imports,
    },
  ]
}

/** `req.on('close', …)` becomes `requestSignal(req).addEventListener('abort', …)`. */
function listenToSignal(
  analysis: Analysis,
  facts: FileFacts,
  { start }: Finding,
  text: string,
): Suggestion[] {
  const { exprs, path: file } = facts
  const call = exprs.find((each) => each.k === 'call' && exprs[each.callee]?.start === start)
  const callee = call?.k === 'call' ? exprs[call.callee] : undefined
  if (call?.k !== 'call' || callee?.k !== 'member' || call.args.length !== 2) return []
  const [event, listener] = call.args.map((each) => exprs[each])
  const owner = pathOf(exprs, callee.object)
  const request = requestOf(analysis.resolver.expr(file, callee.object))
  const takesNothing = listener?.k === 'fn' && facts.functions[listener.fn]?.params.length === 0
  if (!event || owner === undefined || !request || !takesNothing) return []
  const { local, imports } = importAs(facts, 0, request.module, 'requestSignal')
  const signal = `${local}(${owner})`
  const quote = text[event.start] ?? "'"
  const added = `${signal}.addEventListener(${quote}abort${quote}`
  return [
    { kind: 'replace', signal, imports, edits: [{ file, start, end: event.end, text: added }] },
  ]
}

/** A comment on a line of its own takes the line with it. */
function removal(facts: FileFacts, { start, end }: Span, text: string): LocalFix['edits'][number] {
  const before = /[ \t]*$/.exec(text.slice(0, start))?.[0].length ?? 0
  const isAlone = start - before === 0 || text[start - before - 1] === '\n'
  const ends = isAlone ? /^[ \t]*\r?\n/.exec(text.slice(end))?.[0].length : 0
  return { file: facts.path, start: start - before, end: end + (ends ?? 0), text: '' }
}
