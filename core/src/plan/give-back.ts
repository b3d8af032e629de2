import { isWithin } from '../facts/text.js'
import type { TextEdit } from '../edits/text-edit.js'
import type { Binding, Block, CallSite, ExprId, FileFacts, Span } from '../facts/types.js'
import { holdsClient, releasesOf } from '../findings/clients.js'
import { abortedByTimer, clearingsOf } from '../findings/timers.js'
import type { Finding } from '../findings/finding.js'
import type { Analysis } from '../graph/analysis.js'
import { blockOf, encloseEdits, isSame } from './enclose.js'
import { freeName } from './names.js'
import { usesSemicolons } from './first-statement.js'
import { Resource } from './resource.js'

interface GiveBack {
  readonly analysis: Analysis
  readonly text: string
  readonly resource: Resource
  /** The statement behind which it has to be given back. */
  readonly statement: Span
  readonly ending: string
  /** Calls that give it back on some paths. */
  readonly given: readonly CallSite[]
}

/**
 * `client.release()` in a `finally` around all that uses the client. Undefined where that would not be the
 * same on the paths that do release it: it is released with an argument, within a condition without braces, or
 * in a loop; where a stream, a list of promises or a callback goes on using it; where nobody waits for a query.
 */
export function planRelease(
  analysis: Analysis,
  finding: Finding,
  text: string,
): readonly TextEdit[] | undefined {
  const { program } = analysis.resolver
  const facts = program.facts(finding.file)
  const node = analysis.calls.find(
    (each) => each.file === finding.file && each.callee.start === finding.start && each.sink,
  )
  const client = node && facts.bindings.find((each) => holdsClient(facts, each, node.site))
  if (!node || !client || !isDeclaredBy(facts, client, node.expr)) return undefined
  const resource = new Resource(program, finding.file, client)
  const given = releasesOf(analysis, facts, client)
  const { statement } = node.site
  const streams = analysis.calls.some(
    (each) =>
      each.file === finding.file && each.sink?.spec.streams === true && resource.isIn(each.callee),
  )
  const isLeft = facts.calls.some((site) => {
    const call = facts.exprs[site.expr]
    const callee = call?.k === 'call' ? facts.exprs[call.callee] : undefined
    if (!call || !/discard|void/.test(site.use) || given.includes(site)) return false
    if (callee?.k === 'member' && /^(?:on|once|off|removeListener)$/.test(callee.name)) return false
    return resource.isIn(call) && site.statement.start > statement.start
  })
  if (streams || isLeft) return undefined
  const ending = `${client.name}.release()`
  return giveBack({ analysis, text, resource, statement, ending, given })
}

/** `clearTimeout(timer)` in a `finally` around all that uses the controller that the timer aborts. */
export function planClear(
  analysis: Analysis,
  finding: Finding,
  text: string,
): readonly TextEdit[] | undefined {
  const { program } = analysis.resolver
  const { file } = finding
  const facts = program.facts(file)
  const site = facts.calls.find((each) => {
    const call = facts.exprs[each.expr]
    return call?.k === 'call' && facts.exprs[call.callee]?.start === finding.start
  })
  const controller = site && abortedByTimer(analysis, file, site)
  if (!controller) return undefined
  const timer = facts.bindings.find((each) => each.init === site.expr)
  const start = facts.exprs[site.expr]?.start ?? 0
  // Nothing but a statement of its own can be given a name.
  if (!timer && site.statement.start !== start) return undefined
  const clearings = timer ? clearingsOf(analysis, facts, timer) : []
  // The `try` that clears it would have to begin sooner: what lies between is the author's to move.
  if (clearings.some((each) => each.inFinally)) return undefined
  const name = timer?.name ?? freeName(facts, site.fn, 'timer')
  const edits = giveBack({
    analysis,
    text,
    resource: new Resource(program, file, controller),
    statement: site.statement,
    ending: `clearTimeout(${name})`,
    given: clearings,
  })
  if (!edits || timer) return edits
  return [{ file, start, end: start, text: `const ${name} = ` }, ...edits]
}

/** `const client = await pool.connect()`, which stands for the same in all that follows. */
function isDeclaredBy(facts: FileFacts, binding: Binding, call: ExprId): boolean {
  const init = facts.exprs[binding.init ?? -1]
  return init?.k === 'await' && init.of === call && binding.writes.length === 0
}

function giveBack(parts: GiveBack): readonly TextEdit[] | undefined {
  const { resource, statement, text, ending, given } = parts
  const { facts } = resource
  const block = blockOf(facts, statement)
  const removed = statementsOf(facts, given)
  if (!block || !removed || !removed.every((each) => isWithin(each, block))) return undefined
  const rest = block.statements.filter((each) => each.start >= statement.end)
  const left = rest.filter((each) => !removed.some((gone) => isSame(gone, each)))
  const first = left[0]
  const used = left.findLast((each) => resource.isIn(each))
  if (!first || !used) return undefined
  const last = needsMore(parts, block, first, used) ? left.at(-1) : used
  if (!last) return undefined
  const whole = { start: first.start, end: last.end }
  if (resource.isLeftToOthers(whole)) return undefined
  const fn = facts.functions[resource.binding.fn]
  if (fn?.async !== true) return afterReturn(parts, whole)
  const awaits = awaitedReturns(resource, whole)
  if (!awaits) return undefined
  const semicolon = usesSemicolons(text) ? ';' : ''
  return [
    ...awaits,
    ...encloseEdits(facts, text, { block, first, last, ending, semicolon, removed }),
  ]
}

/** The statements of calls, where each is one of a block and can go without leaving a gap. */
function statementsOf(facts: FileFacts, sites: readonly CallSite[]): readonly Span[] | undefined {
  const spans = sites.map(({ expr, statement, inLoop }) => {
    const call = facts.exprs[expr]
    const isPlain = call?.k === 'call' && call.start === statement.start && !inLoop
    const isBare = isPlain && (call.args.length === 0 || facts.exprs[call.callee]?.k === 'id')
    return isBare && blockOf(facts, statement) ? statement : undefined
  })
  return spans.every((each) => each !== undefined) ? spans : undefined
}

/** Something that is declared between two statements is named behind them. */
function needsMore({ resource }: GiveBack, block: Block, first: Span, last: Span): boolean {
  const { facts, program, file } = resource
  const declared = new Set(
    facts.bindings.filter(
      (each) => isWithin(each, { start: first.start, end: last.end }) && !each.param,
    ),
  )
  return facts.exprs.some((each) => {
    if (each.k !== 'id' || each.start < last.end || each.end > block.end) return false
    const found = program.lookUp(file, each.name, each.scope)
    return found !== undefined && declared.has(found)
  })
}

/** What is returned unawaited would go on when the `finally` has run. */
function awaitedReturns(resource: Resource, whole: Span): readonly TextEdit[] | undefined {
  const { facts, file, binding } = resource
  const edits: TextEdit[] = []
  for (const id of facts.functions[binding.fn]?.returns ?? []) {
    const value = facts.exprs[id]
    if (!value || !isWithin(value, whole) || !resource.isPendingIn(value)) continue
    // A promise within a literal is awaited by nobody here.
    if (value.k !== 'call' && value.k !== 'id' && value.k !== 'tag') return undefined
    edits.push({ file, start: value.start, end: value.start, text: 'await ' })
  }
  return edits
}

/** `return load(controller.signal)` of a function that is not async: the promise itself is told. */
function afterReturn(
  { resource, ending, given }: GiveBack,
  whole: Span,
): readonly TextEdit[] | undefined {
  const { facts, file, binding } = resource
  const returned = (facts.functions[binding.fn]?.returns ?? []).flatMap((id) => {
    const value = facts.exprs[id]
    return value && isWithin(value, whole) ? [value] : []
  })
  const [value] = returned
  if (returned.length !== 1 || value?.k !== 'call' || given.length > 0) return undefined
  if (!resource.isIn(value)) return undefined
  return [{ file, start: value.end, end: value.end, text: `.finally(() => ${ending})` }]
}
