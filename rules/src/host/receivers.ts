import { iterating, type Catalog, type Expr, type ExprId, type FileFacts } from '@ctx-fix/core'

/** What JavaScript itself has under these names is no library's. */
const builtins = new Set([
  'Array',
  'Buffer',
  'Date',
  'JSON',
  'Math',
  'Number',
  'Object',
  'Promise',
  'Reflect',
  'String',
  'console',
])

/**
 * Expressions about whose type it is worth asking: those on which a member is called that bears a name of the
 * catalog's. An array's own methods matter for what their callbacks do with an element; a question about a long
 * chain of builders can take the checker as long as the rest of the file.
 */
export function receiversIn(facts: FileFacts, { gate }: Catalog): ReadonlySet<ExprId> {
  const { exprs } = facts
  const found = new Set<ExprId>()
  for (const expr of exprs) {
    if (expr.k !== 'call' && expr.k !== 'tag') continue
    const callee = exprs[expr.callee]
    if (callee?.k === 'id' && expr.k === 'tag') found.add(expr.callee)
    if (callee?.k !== 'member' || !gate.has(callee.name)) continue
    if (isBuiltin(exprs, callee.object)) continue
    if (expr.k === 'call' && iterating.has(callee.name) && !callsElement(facts, expr.args[0], gate))
      continue
    found.add(callee.object)
  }
  return found
}

/** `Object.keys(rows)`, `JSON.parse(text).items`: begins with a name of JavaScript's. */
function isBuiltin(exprs: readonly Expr[], id: ExprId): boolean {
  const expr = exprs[id]
  switch (expr?.k) {
    case 'id':
      return builtins.has(expr.name)
    case 'member':
      return isBuiltin(exprs, expr.object)
    case 'call':
    case 'new':
      return isBuiltin(exprs, expr.callee)
    default:
      return false
  }
}

/** `stores.map((store) => store.find())`; true also where the callback is written elsewhere, or options are given. */
function callsElement(
  { exprs, functions }: FileFacts,
  id: ExprId | undefined,
  gate: ReadonlySet<string>,
): boolean {
  const callback = id === undefined ? undefined : exprs[id]
  const fn = callback?.k === 'fn' ? functions[callback.fn] : undefined
  if (!callback || !fn) return callback?.k === 'obj'
  const [element] = fn.params
  const names = element?.pattern?.names ?? [element?.name]
  return exprs.some((expr) => {
    const callee = expr.k === 'call' ? exprs[expr.callee] : undefined
    if (callee?.k !== 'member' || !gate.has(callee.name)) return false
    const owner = exprs[callee.object]
    const isInside = callback.start <= callee.start && callee.end <= callback.end
    return isInside && owner?.k === 'id' && names.includes(owner.name)
  })
}
