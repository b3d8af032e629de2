import type { Analysis, CallSite, Expr, Library } from '@ctx-fix/core'

/** Whether a file makes a client of the library: `new Pool()`, `class PrismaService extends PrismaClient`. */
export function makesClient(analysis: Analysis, file: string, library: Library): boolean {
  const r = analysis.resolver
  const clients = library.clients ?? []
  const extended = r.program
    .facts(file)
    .classes.some(
      (cls) =>
        cls.extends !== undefined &&
        r
          .expr(file, cls.extends)
          .some(
            (each) =>
              each.k === 'libclass' && each.lib === library && clients.includes(each.entity),
          ),
    )
  return extended || clientsMadeIn(analysis, file, library).length > 0
}

/** The calls that make one: `new Pool()`, `knex({…})`. */
export function clientsMadeIn(analysis: Analysis, file: string, library: Library): CallSite[] {
  const r = analysis.resolver
  const { calls, exprs } = r.program.facts(file)
  const clients = library.clients ?? []
  return calls.filter(({ expr }) => {
    const call = exprs[expr]
    // An own function that gives a client makes it elsewhere: whoever calls it in a test loads that file.
    const callee = call?.k === 'call' ? exprs[call.callee] : undefined
    const isMaking =
      call?.k === 'new' ||
      (call?.k === 'call' &&
        // A module that gives a client has made it itself: `require('./db')`, but not `require('knex')(config)`.
        (callee?.k === 'call' ? isRequire(exprs[callee.callee]) : !isRequire(callee)) &&
        (callee?.k === 'call' || callee?.k === 'id') &&
        !r
          .expr(file, call.callee)
          .some((each) => each.k === 'fn' || (each.k === 'lib' && each.lib.kind === 'runtime')))
    return (
      isMaking &&
      r
        .expr(file, expr)
        .some((each) => each.k === 'lib' && each.lib === library && clients.includes(each.entity))
    )
  })
}

function isRequire(expr: Expr | undefined): boolean {
  return expr?.k === 'id' && expr.name === 'require'
}
