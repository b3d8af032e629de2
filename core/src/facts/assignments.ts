import type { Builder, Place } from './builder.js'
import { nameFunction, readExpression } from './expressions.js'
import { assignPattern } from './patterns.js'
import { ANY_KEY, type ExprId } from './types.js'

const globalObjects = new Set(['globalThis', 'global'])

export function readAssignment<N>(
  b: Builder<N>,
  node: N,
  shape: { operator: string; left: N; right: N },
  place: Place,
): ExprId {
  const value = readExpression(b, shape.right, place)
  const left = b.shape(shape.left)
  if (left.type === 'ObjectPattern' || left.type === 'ArrayPattern') {
    assignPattern(b, shape.left, place, value)
    return b.addExpr(node, { k: 'other', parts: [value] })
  }
  const target = readExpression(b, shape.left, place)
  const written = b.exprs[target]
  if (written?.k === 'id') {
    b.assignments.push({ name: written.name, scope: written.scope, value })
    nameFunction(b, value, written.name)
  }
  if (written?.k === 'member') {
    noteMemberWrite(b, written.object, written.name, value, place)
    nameFunction(b, value, written.name)
  }
  if (written?.k === 'index')
    b.writes.push({ object: written.object, name: ANY_KEY, value, fn: place.fn })
  return b.addExpr(node, { k: 'assign', target, value, op: shape.operator })
}

function noteMemberWrite<N>(
  b: Builder<N>,
  object: ExprId,
  name: string,
  value: ExprId,
  place: Place,
): void {
  const owner = b.exprs[object]
  if (owner?.k === 'this' && owner.cls !== undefined)
    b.classes[owner.cls]?.fields.push({ name, value, fn: place.fn })
  b.writes.push({ object, name, value, fn: place.fn })
  if (owner?.k === 'id' && (owner.name === 'module' || owner.name === 'exports')) b.commonjs = true
  if (owner?.k === 'id' && globalObjects.has(owner.name)) return
  if (isModuleExports(b, object)) {
    b.exports.push({ name, kind: 'expr', expr: value })
  } else if (owner?.k === 'id' && owner.name === 'module' && name === 'exports') {
    b.exports.push({ name: 'export=', kind: 'expr', expr: value })
  }
}

function isModuleExports<N>(b: Builder<N>, object: ExprId): boolean {
  const owner = b.exprs[object]
  if (owner?.k === 'id') return owner.name === 'exports'
  if (owner?.k !== 'member' || owner.name !== 'exports') return false
  const root = b.exprs[owner.object]
  return root?.k === 'id' && root.name === 'module'
}
