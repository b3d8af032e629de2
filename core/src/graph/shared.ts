import type { Expr, ExprId, FileFacts } from '../facts/types.js'
import type { Program } from '../resolve/program.js'
import type { CallNode } from './model.js'

/**
 * A call whose promise is kept beyond the function, in a variable, a field or a map: others will wait
 * for it, and one caller's signal would cancel it for all of them.
 */
export function isShared(program: Program, node: CallNode): boolean {
  const { use } = node.site
  if (use === 'await' || use === 'return' || use === 'void' || use === 'discard') return false
  const facts = program.facts(node.file)
  const fn = facts.functions[node.fn]
  if (!fn || fn.kind === 'constructor' || fn.kind === 'module') return false
  const call = facts.exprs[node.expr]
  if (!call) return false
  const held = heldIn(facts, node, call)
  return facts.exprs.some((expr) => {
    if (expr.start < fn.start || expr.end > fn.end) return false
    if (expr.k === 'assign')
      return isOuter(program, node, expr.target) && mentions(facts, expr.value, held, call)
    if (expr.k !== 'call') return false
    const callee = facts.exprs[expr.callee]
    if (callee?.k !== 'member' || callee.name !== 'set') return false
    return (
      isOuter(program, node, callee.object) &&
      expr.args.some((arg) => mentions(facts, arg, held, call))
    )
  })
}

/** Local names that hold the promise, or an object with it. */
function heldIn(facts: FileFacts, node: CallNode, call: Expr): ReadonlySet<string> {
  const names = new Set<string>()
  const locals = facts.bindings.filter((each) => each.fn === node.fn && each.init !== undefined)
  for (let size = -1; size !== names.size;) {
    size = names.size
    for (const binding of locals) {
      const init = facts.exprs[binding.init ?? 0]
      if (init && init.k !== 'await' && mentions(facts, binding.init ?? 0, names, call))
        names.add(binding.name)
    }
    for (const binding of facts.bindings)
      if (
        binding.fn === node.fn &&
        binding.writes.some((each) => mentions(facts, each, names, call))
      )
        names.add(binding.name)
  }
  return names
}

function mentions(facts: FileFacts, id: ExprId, names: ReadonlySet<string>, call: Expr): boolean {
  const outer = facts.exprs[id]
  if (!outer || outer.k === 'await') return false
  if (outer.start <= call.start && call.end <= outer.end) return true
  return facts.exprs.some(
    (each) =>
      each.k === 'id' && names.has(each.name) && each.start >= outer.start && each.end <= outer.end,
  )
}

/** A variable of a function around this one, of the module, or a field of the object. */
function isOuter(program: Program, node: CallNode, target: ExprId): boolean {
  const expr = program.expr(node.file, target)
  if (expr.k === 'member' || expr.k === 'index') return isOuter(program, node, expr.object)
  if (expr.k === 'this') return true
  if (expr.k !== 'id') return false
  const binding = program.lookUp(node.file, expr.name, expr.scope)
  return binding !== undefined && binding.fn !== node.fn && !binding.import
}
