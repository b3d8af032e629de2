import type { ExprId, FileFacts } from '../facts/types.js'
import type { Program } from './program.js'

const callbackName = /^(?:cb|callback|done|next)$|[a-z](?:Cb|CB|Callback)$/

/**
 * Whether an argument is a function that is to be called with the result: written there, known by its name,
 * or a parameter that is called, or named as such.
 */
export function isCallback(program: Program, file: string, id: ExprId): boolean {
  const expr = program.expr(file, id)
  if (expr.k === 'fn') return true
  if (expr.k === 'call') {
    const callee = program.expr(file, expr.callee)
    return callee.k === 'member' && callee.name === 'bind'
  }
  if (expr.k !== 'id') return false
  const binding = program.lookUp(file, expr.name, expr.scope)
  if (!binding) return false
  if (binding.fns.length > 0 || callbackName.test(expr.name)) return true
  const isWhole = binding.path.length === 0 && binding.init !== undefined
  if (isWhole && program.expr(file, binding.init).k === 'fn') return true
  return binding.param !== undefined && isCalled(program, program.facts(file), binding)
}

function isCalled(program: Program, facts: FileFacts, binding: object): boolean {
  return facts.exprs.some((each) => {
    if (each.k !== 'call') return false
    const callee = facts.exprs[each.callee]
    return callee?.k === 'id' && program.lookUp(facts.path, callee.name, callee.scope) === binding
  })
}
