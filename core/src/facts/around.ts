import { append } from '../append.js'
import { oncePer } from '../once-per.js'
import type { Expr, ExprId, FileFacts, ScopeId } from './types.js'

/** What each expression of a file is a direct part of; those in statements and templates are parts of none. */
export const parentsOf: (facts: FileFacts) => ReadonlyMap<ExprId, ExprId> = oncePer((facts) => {
  const parents = new Map<ExprId, ExprId>()
  facts.exprs.forEach((expr, id) => {
    for (const part of partsOf(expr)) parents.set(part, id)
  })
  return parents
})

function partsOf(expr: Expr): readonly ExprId[] {
  switch (expr.k) {
    case 'member':
      return [expr.object]
    case 'index':
      return [expr.object, expr.index]
    case 'call':
    case 'new':
      return [expr.callee, ...expr.args]
    case 'tag':
      return [expr.callee, expr.quasi]
    case 'yield':
      return expr.of === undefined ? [] : [expr.of]
    case 'await':
    case 'as':
    case 'nonnull':
    case 'spread':
      return [expr.of]
    case 'either':
    case 'arr':
      return expr.of
    case 'obj':
      return expr.props.map((each) => each.value)
    case 'assign':
      return [expr.target, expr.value]
    case 'other':
      return expr.parts
    case 'id':
    case 'this':
    case 'super':
    case 'fn':
    case 'class':
    case 'str':
    case 'num':
    case 'import':
    case 'nothing':
      return []
  }
}

/** Where the names of a file are read or written. */
export const namesIn: (
  facts: FileFacts,
) => ReadonlyMap<string, readonly { readonly id: ExprId; readonly scope: ScopeId }[]> = oncePer(
  (facts) => {
    const names = new Map<string, { id: ExprId; scope: ScopeId }[]>()
    facts.exprs.forEach((expr, id) => {
      if (expr.k === 'id') append(names, expr.name, { id, scope: expr.scope })
    })
    return names
  },
)
