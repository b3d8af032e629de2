import { entityOf } from '../catalog/index.js'
import type { Binding, CallSite, ExprId, Span } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import { fnKey, type EntryPoint } from '../graph/model.js'
import { requestOf } from '../graph/request.js'
import { pathOf } from '../resolve/path.js'
import { isLibrary, type Value } from '../resolve/values.js'
import { makeFinding, type Found } from './make-finding.js'
import type { Safety } from './finding.js'

/**
 * Handlers that use a signal which does not tell when the client goes away: one aborted from the
 * request's own `close`, or a framework's signal that is broken for requests with a body.
 */
export function handlerFindings(analysis: Analysis): Found[] {
  const found: Found[] = []
  for (const [file, facts] of analysis.reported) {
    if (analysis.isExempt(facts.path)) continue
    for (const site of facts.calls) {
      const listener = requestCloseListener(analysis, file, site)
      if (listener) found.push(listener)
    }
    facts.exprs.forEach((expr, id) => {
      if (expr.k !== 'member') return
      const broken = brokenSignal(analysis, file, id)
      if (broken) found.push(broken)
    })
    for (const binding of facts.bindings) {
      const broken = brokenBinding(analysis, file, binding)
      if (broken) found.push(broken)
    }
  }
  return found
}

/** `req.on('close', () => controller.abort())` */
function requestCloseListener(analysis: Analysis, file: string, site: CallSite): Found | undefined {
  const r = analysis.resolver
  const call = r.program.expr(file, site.expr)
  if (call.k !== 'call') return undefined
  const callee = r.program.expr(file, call.callee)
  const [eventArg, listenerArg] = call.args
  if (callee.k !== 'member' || !/^(?:on|once|addListener)$/.test(callee.name)) return undefined
  if (eventArg === undefined || listenerArg === undefined) return undefined
  const event = r.program.expr(file, eventArg)
  if (event.k !== 'str' || (event.value !== 'close' && event.value !== 'aborted')) return undefined
  if (!requestOf(r.expr(file, callee.object)) || !callsAbort(analysis, file, listenerArg))
    return undefined
  const owner = pathOf(r.program.facts(file).exprs, callee.object) ?? 'request'
  return {
    finding: makeFinding(analysis, {
      rule: 'derive-in-handler',
      reason: 'handler-listens-to-request-close',
      file,
      span: { start: callee.start, end: callee.end },
      fn: site.fn,
      name: `${owner}.${callee.name}`,
      safety: 'manual',
      chain: [],
      data: { source: owner },
    }),
  }
}

function callsAbort(analysis: Analysis, file: string, listener: ExprId): boolean {
  const r = analysis.resolver
  return r.expr(file, listener).some((value) => {
    if (value.k !== 'fn') return false
    const { calls, exprs } = r.program.facts(value.file)
    return calls.some((site) => {
      const call = exprs[site.expr]
      const callee = call?.k === 'call' ? exprs[call.callee] : undefined
      return (
        site.fn === value.fn &&
        callee?.k === 'member' &&
        callee.name === 'abort' &&
        r.expr(value.file, callee.object).some((each) => isLibrary(each, 'web', 'AbortController'))
      )
    })
  })
}

/** `request.signal` in a Fastify POST handler. */
function brokenSignal(analysis: Analysis, file: string, id: ExprId): Found | undefined {
  const r = analysis.resolver
  const expr = r.program.expr(file, id)
  if (expr.k !== 'member') return undefined
  const source = pathOf(r.program.facts(file).exprs, expr.object)
  if (source === undefined) return undefined
  const owners = [...r.expr(file, expr.object), ...requestNamed(analysis, file, expr.object)]
  const why = whyBroken(analysis, file, expr.start, owners, expr.name)
  if (why === undefined) return undefined
  const name = `${source}.${expr.name}`
  return brokenFinding(analysis, file, expr, 'suggestion', { name, why, source })
}

/** The request of a handler that is registered by its name, where nothing types its parameters. */
function requestNamed(analysis: Analysis, file: string, object: ExprId): readonly Value[] {
  const r = analysis.resolver
  const expr = r.program.expr(file, object)
  const param = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope)?.param : undefined
  const entry = param && analysis.entries.get(fnKey({ file, fn: param.fn }))
  if (entry?.request !== param?.index || param === undefined) return []
  const library = entry && r.catalog.byName(entry.library)
  if (!library) return []
  const entity = Object.keys(library.entities).find((each) => entityOf(library, each)?.request)
  return entity === undefined ? [] : r.described(entity, library, 'type')
}

/** `const { signal } = request`, `async ({ signal, body }) => …` */
function brokenBinding(analysis: Analysis, file: string, binding: Binding): Found | undefined {
  const r = analysis.resolver
  const [step, ...deeper] = binding.path
  if (!step || !('prop' in step) || deeper.length > 0) return undefined
  const owner = binding.init === undefined ? undefined : r.program.expr(file, binding.init)
  const values =
    binding.param === undefined
      ? binding.init === undefined
        ? []
        : r.expr(file, binding.init)
      : (r.context(file, binding.param.fn)[binding.param.index] ?? [])
  const why = whyBroken(analysis, file, binding.start, values, step.prop)
  if (why === undefined) return undefined
  const source = owner?.k === 'id' ? owner.name : 'request'
  return brokenFinding(analysis, file, binding, 'manual', { name: binding.name, why, source })
}

function whyBroken(
  analysis: Analysis,
  file: string,
  position: number,
  owners: readonly Value[],
  member: string,
): string | undefined {
  for (const value of owners) {
    const broken =
      value.k === 'lib' ? entityOf(value.lib, value.entity)?.request?.broken : undefined
    if (broken?.path !== member) continue
    const entry = entryAround(analysis, file, functionAt(analysis, file, position))
    if (entry && broken.methods.includes(entry.method ?? 'ANY')) return broken.why
  }
  return undefined
}

function brokenFinding(
  analysis: Analysis,
  file: string,
  { start, end }: Span,
  safety: Safety,
  { name, why, source }: { name: string; why: string; source: string },
): Found {
  return {
    finding: makeFinding(analysis, {
      rule: 'derive-in-handler',
      reason: 'handler-uses-broken-signal',
      file,
      span: { start, end },
      fn: functionAt(analysis, file, start),
      name,
      safety,
      chain: [],
      data: { why, source },
    }),
  }
}

function functionAt(analysis: Analysis, file: string, position: number): number {
  const { functions } = analysis.resolver.program.facts(file)
  return functions.reduce((inner, fn) => {
    const best = functions[inner]
    const holds = fn.start <= position && position < fn.end
    return holds && (!best || fn.end - fn.start <= best.end - best.start) ? fn.id : inner
  }, 0)
}

function entryAround(analysis: Analysis, file: string, from: number): EntryPoint | undefined {
  for (let at: number | undefined = from; at !== undefined && at !== 0;) {
    const entry = analysis.entries.get(fnKey({ file, fn: at }))
    if (entry) return entry
    at = analysis.resolver.program.fn(file, at).parent
  }
  return undefined
}
