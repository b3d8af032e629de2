import {
  iterating,
  type Binding,
  type Expr,
  type ExprId,
  type FileFacts,
  type Program,
  type TypeId,
} from '@ctx-fix/core'

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

/** Types of JavaScript's own that hold no members of the catalog's; what is taken out of them may. */
const closed = new Set([
  'Date',
  'Error',
  'FormData',
  'Headers',
  'Intl',
  'Map',
  'RegExp',
  'Set',
  'URL',
  'URLSearchParams',
  'WeakMap',
  'WeakSet',
])

/**
 * Expressions about whose type it is worth asking: those on which a member is called that bears a name of the
 * catalog's (`names`). An array's own methods matter for what their callbacks do with an element; a question about a long
 * chain of builders can take the checker as long as the rest of the file.
 */
export function receiversIn(
  program: Program,
  file: string,
  names: { has(name: string): boolean },
): ReadonlySet<ExprId> {
  const facts = program.facts(file)
  const { exprs } = facts
  const found = new Set<ExprId>()
  for (const expr of exprs) {
    if (expr.k !== 'call' && expr.k !== 'tag') continue
    const callee = exprs[expr.callee]
    if (callee?.k === 'id' && expr.k === 'tag') found.add(expr.callee)
    if (callee?.k !== 'member' || !names.has(callee.name)) continue
    if (isBuiltin(exprs, callee.object) || isClosed(program, file, callee.object)) continue
    if (
      expr.k === 'call' &&
      iterating.has(callee.name) &&
      !callsElement(facts, expr.args[0], names)
    )
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

/** A text, a number, or an instance of one of JavaScript's own types, by where it is made or declared. */
function isClosed(program: Program, file: string, id: ExprId): boolean {
  const expr = program.expr(file, id)
  switch (expr.k) {
    case 'str':
    case 'num':
    case 'nothing':
      return true
    case 'new': {
      const callee = program.expr(file, expr.callee)
      return callee.k === 'id' && isOfJavaScript(program, file, callee.name, callee.scope)
    }
    case 'id': {
      const binding = program.lookUp(file, expr.name, expr.scope)
      return binding !== undefined && holdsClosed(program, file, binding)
    }
    default:
      return false
  }
}

function holdsClosed(program: Program, file: string, binding: Binding): boolean {
  const { type, init, path, writes, param } = binding
  if (path.length > 0) return false
  if (type !== undefined) return isClosedType(program, file, type)
  return (
    !param &&
    writes.length === 0 &&
    init !== undefined &&
    program.expr(file, init).k !== 'id' &&
    isClosed(program, file, init)
  )
}

function isClosedType(program: Program, file: string, id: TypeId): boolean {
  const type = program.type(file, id)
  if (type.k !== 'ref' || type.name.length !== 1) return false
  const [name = ''] = type.name
  return isOfJavaScript(program, file, name, type.scope)
}

function isOfJavaScript(program: Program, file: string, name: string, scope: number): boolean {
  return (
    closed.has(name) && !program.lookUp(file, name, scope) && !program.lookUpType(file, name, scope)
  )
}

/** `stores.map((store) => store.find())`; true also where the callback is written elsewhere, or options are given. */
function callsElement(
  { exprs, functions }: FileFacts,
  id: ExprId | undefined,
  names: { has(name: string): boolean },
): boolean {
  const callback = id === undefined ? undefined : exprs[id]
  const fn = callback?.k === 'fn' ? functions[callback.fn] : undefined
  if (!callback || !fn) return callback?.k === 'obj'
  const [element] = fn.params
  const elements = element?.pattern?.names ?? [element?.name]
  return exprs.some((expr) => {
    const callee = expr.k === 'call' ? exprs[expr.callee] : undefined
    if (callee?.k !== 'member' || !names.has(callee.name)) return false
    const owner = exprs[callee.object]
    const isInside = callback.start <= callee.start && callee.end <= callback.end
    return isInside && owner?.k === 'id' && elements.includes(owner.name)
  })
}
