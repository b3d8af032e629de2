import {
  fnKey,
  oncePer,
  type Analysis,
  type CallSite,
  type ExprId,
  type FnKey,
  type FnRef,
  type Value,
} from '@ctx-fix/core'

/**
 * Whether what a function is wrapped in, or put on, may be called by an entry point though it is not seen how:
 * `const load = timed(async (id) => …)`, `Object.assign(service, { load })`. Of others it can be said that none is
 * known to reach them.
 */
export function isHandedOn(analysis: Analysis, at: FnRef): boolean {
  const handed = handedOn(analysis)
  const seen = new Set<FnKey>()
  const queue = [at]
  for (let ref = queue.pop(); ref; ref = queue.pop()) {
    const key = fnKey(ref)
    if (seen.has(key)) continue
    seen.add(key)
    if (handed.has(key)) return true
    for (const each of analysis.callers.get(key) ?? []) queue.push({ file: each.file, fn: each.fn })
    const { parent } = analysis.resolver.program.fn(ref.file, ref.fn)
    if (parent !== undefined && parent !== 0) queue.push({ file: ref.file, fn: parent })
  }
  return false
}

const handedOn = oncePer((analysis: Analysis): ReadonlySet<FnKey> => {
  const r = analysis.resolver
  const found = new Set<FnKey>()
  const addValue = (value: Value, depth: number): void => {
    if (value.k === 'fn') found.add(fnKey({ file: value.file, fn: value.fn }))
    const object = value.k === 'obj' ? r.program.expr(value.file, value.expr) : undefined
    if (value.k !== 'obj' || object?.k !== 'obj' || depth > 2) return
    for (const prop of object.props)
      for (const each of r.expr(value.file, prop.value)) addValue(each, depth + 1)
  }
  for (const [file, { calls, exprs }] of r.program.files) {
    if (analysis.isExempt(file)) continue
    for (const site of calls) {
      const call = exprs[site.expr]
      if ((call?.k !== 'call' && call?.k !== 'new') || !keepsFunctions(analysis, file, site))
        continue
      for (const arg of call.args) for (const each of r.expr(file, arg)) addValue(each, 0)
    }
  }
  return found
})

const discarding: ReadonlySet<CallSite['use']> = new Set(['discard', 'void', 'chain-discard'])

/** Wrappers of the program, what puts members on objects, and others that give something back for a function. */
function keepsFunctions({ resolver: r }: Analysis, file: string, site: CallSite): boolean {
  const call = r.program.expr(file, site.expr)
  if (call.k !== 'call' && call.k !== 'new') return false
  const callee = r.program.expr(file, call.callee)
  if (callee.k === 'member' && isNamed(r, file, callee.object, 'Object')) return true
  const values = r.expr(file, call.callee)
  if (values.some((each) => each.k === 'fn' || each.k === 'cls' || each.k === 'sig')) return true
  return !discarding.has(site.use) && values.some((each) => each.k === 'external')
}

function isNamed(r: Analysis['resolver'], file: string, id: ExprId, name: string): boolean {
  const expr = r.program.expr(file, id)
  return expr.k === 'id' && expr.name === name && !r.program.lookUp(file, name, expr.scope)
}
