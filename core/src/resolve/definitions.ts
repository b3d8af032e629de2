import type { ExprId, ScopeId } from '../facts/types.js'
import type { Resolver } from './resolver.js'

/** An expression of the program. */
export interface ExprRef {
  readonly file: string
  readonly expr: ExprId
}

const MAX_STEPS = 12

/**
 * The expressions that a name or member was given where it is defined, across files: `show` leads to
 * `wrap(async (req, res) => …)`. A value alone would only tell what that call returns.
 */
export function definitionsOf(r: Resolver, { file, expr: id }: ExprRef): readonly ExprRef[] {
  const expr = r.program.expr(file, id)
  if (expr.k === 'id') return named(r, file, expr.name, expr.scope, 0)
  if (expr.k !== 'member') return []
  const { name } = expr
  return r.expr(file, expr.object).flatMap((value): readonly ExprRef[] => {
    switch (value.k) {
      case 'obj': {
        const object = r.program.expr(value.file, value.expr)
        const props = object.k === 'obj' ? object.props : []
        const found = props.find((each) => each.name === name)
        return found ? followed(r, { file: value.file, expr: found.value }) : []
      }
      case 'inst': {
        const { members } = r.program.cls(value.file, value.cls)
        const field = members.find((each) => each.name === name && !each.static)
        return field?.value === undefined ? [] : [{ file: value.file, expr: field.value }]
      }
      case 'ns':
        return exported(r, value.file, name, 0)
      default:
        return []
    }
  })
}

/** `export default { register }`: of a name what that was given, where this is known. */
function followed(r: Resolver, ref: ExprRef): readonly ExprRef[] {
  const expr = r.program.expr(ref.file, ref.expr)
  const further = expr.k === 'id' ? named(r, ref.file, expr.name, expr.scope, 0) : []
  return further.length > 0 ? further : [ref]
}

function named(
  r: Resolver,
  file: string,
  name: string,
  scope: ScopeId,
  step: number,
): readonly ExprRef[] {
  const binding = r.program.lookUp(file, name, scope)
  if (!binding) return []
  if (binding.import) {
    const module = r.program.link(file, binding.import.module)
    return module === undefined ? [] : exported(r, module, binding.import.name, step + 1)
  }
  return binding.init === undefined || binding.path.length > 0 ? [] : [{ file, expr: binding.init }]
}

/** The expressions that a file exports under a name, across files. */
export function exported(r: Resolver, file: string, name: string, step = 0): readonly ExprRef[] {
  if (step > MAX_STEPS) return []
  const { exports, stars } = r.program.facts(file)
  const own = exports.filter((each) => each.name === name)
  if (own.length > 0)
    return own.flatMap((each) => {
      if (each.kind === 'expr') return [{ file, expr: each.expr }]
      if (each.kind === 'local') return named(r, file, each.local, 0, step + 1)
      const module = r.program.link(file, each.module)
      return module === undefined ? [] : exported(r, module, each.imported, step + 1)
    })
  return stars.flatMap((each) => {
    const module = r.program.link(file, each)
    return module === undefined ? [] : exported(r, module, name, step + 1)
  })
}
