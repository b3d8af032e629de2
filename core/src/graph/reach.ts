import { append } from '../append.js'
import { oncePer } from '../once-per.js'
import { sinkStatus, type Analysis } from './analysis.js'
import { fnKey, type CallNode, type EntryPoint, type FnKey, type FnRef } from './model.js'

/**
 * For each sink, by the id of its call, the entry points from which it can run. Findings, statuses and notices
 * all rest on it, and it goes through the whole program.
 */
export const entryPointsBySink = oncePer(findReaching)

function findReaching(analysis: Analysis): ReadonlyMap<number, readonly EntryPoint[]> {
  const edges = callEdges(analysis)
  const sinks = new Map<FnKey, number[]>()
  for (const node of analysis.calls)
    if (node.sink) append(sinks, fnKey({ file: node.file, fn: node.fn }), node.id)
  const reaching = new Map<number, EntryPoint[]>()
  for (const entry of analysis.entries.values())
    for (const key of functionsBelow(analysis, edges, entry))
      for (const id of sinks.get(key) ?? []) append(reaching, id, entry)
  return reaching
}

/**
 * Calls of databases that could be cancelled and pass no signal, and that neither an entry point reaches nor
 * what runs when the process starts.
 */
export function unreachedSinks(analysis: Analysis): readonly CallNode[] {
  const reaching = entryPointsBySink(analysis)
  const open = analysis.judgements.flatMap((judgement) => {
    const { node } = judgement
    const { sink } = node
    const isOpen =
      sink?.library.kind === 'database' &&
      sink.spec.effect === 'cancels' &&
      sink.spec.onlyInScope !== true &&
      sinkStatus(judgement) === 'missing' &&
      !reaching.has(node.id) &&
      !analysis.isExempt(node.file)
    return isOpen ? [node] : []
  })
  if (open.length === 0) return []
  const edges = callEdges(analysis)
  const atStart = new Set<FnKey>()
  for (const file of analysis.resolver.program.files.keys())
    if (!analysis.isExempt(file))
      for (const key of functionsBelow(analysis, edges, { file, fn: 0 })) atStart.add(key)
  return open.filter((each) => !atStart.has(fnKey({ file: each.file, fn: each.fn })))
}

/** Functions that can run when any entry point does. */
export function reachedFunctions(analysis: Analysis): ReadonlySet<FnKey> {
  const edges = callEdges(analysis)
  const reached = new Set<FnKey>()
  for (const entry of analysis.entries.values())
    for (const key of functionsBelow(analysis, edges, entry)) reached.add(key)
  return reached
}

/** What each function calls, and the functions written inside it. */
function callEdges(analysis: Analysis): ReadonlyMap<FnKey, readonly FnRef[]> {
  const edges = new Map<FnKey, FnRef[]>()
  for (const node of analysis.calls)
    for (const target of node.targets)
      append(edges, fnKey({ file: node.file, fn: node.fn }), target)
  for (const [file, facts] of analysis.resolver.program.files)
    for (const fn of facts.functions)
      if (fn.parent !== undefined && fn.parent !== 0)
        append(edges, fnKey({ file, fn: fn.parent }), { file, fn: fn.id })
  return edges
}

/** Functions that can run when an entry point does; other entry points are their framework's to call. */
function functionsBelow(
  analysis: Analysis,
  edges: ReadonlyMap<FnKey, readonly FnRef[]>,
  from: FnRef,
): ReadonlySet<FnKey> {
  const seen = new Set<FnKey>()
  const queue: FnRef[] = [from]
  for (let ref = queue.pop(); ref; ref = queue.pop()) {
    const key = fnKey(ref)
    if (seen.has(key) || (ref !== from && analysis.entries.has(key))) continue
    seen.add(key)
    queue.push(...(edges.get(key) ?? []))
  }
  return seen
}
