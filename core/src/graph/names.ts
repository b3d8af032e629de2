import type { ExprId } from '../facts/types.js'
import type { Resolver } from '../resolve/resolver.js'

/** `this.repo.find`, for messages. */
export function calleeText(r: Resolver, file: string, id: ExprId, fallback: string): string {
  const expr = r.program.expr(file, id)
  switch (expr.k) {
    case 'id':
      return expr.name
    case 'this':
      return 'this'
    case 'super':
      return 'super'
    case 'nonnull':
    case 'as':
      return calleeText(r, file, expr.of, fallback)
    case 'member': {
      const owner = calleeText(r, file, expr.object, '')
      return owner === '' ? expr.name : `${owner}.${expr.name}`
    }
    case 'index':
      return `${calleeText(r, file, expr.object, '')}[]`
    case 'call':
      return `${calleeText(r, file, expr.callee, '')}()`
    default:
      return fallback
  }
}
