import type { Expr, ExprId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary } from '../resolve/values.js'

/** `fetch(request)`: the request object has a signal of its own. */
export function carriesSignal(r: Resolver, file: string, first: ExprId | undefined): boolean {
  return (
    first !== undefined &&
    r.expr(file, first).some((each) => isLibrary(each, 'web', 'Request')) &&
    !isBareRequest(r, file, first)
  )
}

/** `new Request('https://example.com')`: nothing that it is made of has a signal. */
function isBareRequest(r: Resolver, file: string, id: ExprId): boolean {
  const expr = r.program.expr(file, id)
  if (expr.k === 'id') {
    const binding = r.program.lookUp(file, expr.name, expr.scope)
    return (
      binding?.kind === 'const' &&
      binding.init !== undefined &&
      binding.path.length === 0 &&
      isBareRequest(r, file, binding.init)
    )
  }
  if (expr.k !== 'new') return false
  const [input, init, ...more] = expr.args.map((each) => r.program.expr(file, each))
  if (!input || more.length > 0 || !isAddress(r, file, input)) return false
  return (
    init === undefined ||
    (init.k === 'obj' && init.props.every((each) => !each.spread && each.name !== 'signal'))
  )
}

/** Text, or `new URL(…)`: an address alone, and no request. */
function isAddress(r: Resolver, file: string, expr: Expr): boolean {
  if (expr.k === 'str') return true
  if (expr.k === 'new') {
    const made = r.program.expr(file, expr.callee)
    return made.k === 'id' && made.name === 'URL'
  }
  if (expr.k !== 'id') return false
  const type = r.program.lookUp(file, expr.name, expr.scope)?.type
  // A keyword of the language: `string`.
  return type !== undefined && r.program.type(file, type).k === 'other'
}
