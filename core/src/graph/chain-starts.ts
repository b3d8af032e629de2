import { entityOf } from '../catalog/index.js'
import type { Establish, Library } from '../catalog/types.js'
import type { ExprId, Span } from '../facts/types.js'
import type { Analysis } from './analysis.js'
import { establishOf } from './carriers.js'
import { isMiddleware } from './middleware.js'

/** Where a chain of a builder starts: `t.procedure`. */
export interface ChainStart {
  readonly file: string
  readonly library: string
  readonly establish: Establish
  readonly span: Span
  /** The runtime's middleware is in the chain already. */
  readonly isEstablished: boolean
}

export function findChainStarts(analysis: Analysis): ChainStart[] {
  const r = analysis.resolver
  const names = new Set(r.catalog.libraries.flatMap(chainedMembers))
  const found: ChainStart[] = []
  for (const [file, facts] of r.files) {
    if (analysis.isExempt(facts.path)) continue
    const established = establishedRoots(analysis, file)
    facts.exprs.forEach((expr, id) => {
      if (expr.k !== 'member' || !names.has(expr.name)) return
      for (const value of r.expr(file, id)) {
        const establish = establishOf(value)
        if (value.k !== 'lib' || establish?.chained !== true) continue
        const isEstablished = established.has(id)
        found.push({ file, library: value.lib.name, establish, span: expr, isEstablished })
        return
      }
    })
  }
  return found
}

/** Names of the members that give a builder: `procedure`. */
function chainedMembers(library: Library): string[] {
  return Object.values(library.entities).flatMap(({ members = {} }) =>
    Object.entries(members).flatMap(([name, { type, returns }]) => {
      const entity = type === undefined ? undefined : entityOf(library, type.split('<')[0] ?? '')
      return returns === undefined && entity?.establish?.chained === true ? [name] : []
    }),
  )
}

/** The expressions at the root of each chain that takes the runtime's middleware: `t.procedure` of `t.procedure.use(ctxSignal())`. */
function establishedRoots(analysis: Analysis, file: string): ReadonlySet<ExprId> {
  const { exprs, calls, modules } = analysis.resolver.program.facts(file)
  const roots = new Set<ExprId>()
  if (!modules.some((each) => each.startsWith('@ctx-fix/runtime'))) return roots
  for (const site of calls) {
    const call = exprs[site.expr]
    if (call?.k !== 'call' || !call.args.some((arg) => isMiddleware(analysis, file, arg))) continue
    for (let at = call.callee; ;) {
      const expr = exprs[at]
      if (expr?.k === 'member') {
        roots.add(at)
        at = expr.object
      } else if (expr?.k === 'call') at = expr.callee
      else break
    }
  }
  return roots
}
