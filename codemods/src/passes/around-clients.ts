import { importAs, type Analysis, type ExprId, type ImportedNames } from '@ctx-fix/core'
import type { SetupNeed } from './7-plan-setup.js'
import { clientsMadeIn } from './made-clients.js'

/**
 * `postgres(url)` → `cancellable(postgres(url))`, wherever the program makes a client that has to be told of
 * signals one by one. An ORM's database is one only where it makes its client by itself.
 */
export function planAroundClients(
  analysis: Analysis,
  isEditable: (file: string) => boolean,
  module: string,
  name: string,
  names: ImportedNames,
): readonly SetupNeed[] {
  const r = analysis.resolver
  const libraries = r.catalog.libraries.filter((each) => each.setup === `${module}#${name}`)
  const isClient = (file: string, expr: ExprId): boolean =>
    [r.expr(file, expr), r.member(r.expr(file, expr), 'client')]
      .flat()
      .some(
        (each) =>
          each.k === 'lib' &&
          libraries.includes(each.lib) &&
          each.lib.clients?.includes(each.entity) === true,
      )
  return [...r.files]
    .map(([file]) => file)
    .filter((file) => isEditable(file) && !analysis.isExempt(file))
    .flatMap((file): SetupNeed[] => {
      const facts = r.program.facts(file)
      const told = facts.calls.flatMap(({ expr }) => {
        const call = facts.exprs[expr]
        const isTelling =
          call?.k === 'call' &&
          r.expr(file, call.callee).some((each) => each.k === 'lib' && each.lib.kind === 'runtime')
        return isTelling ? call.args : []
      })
      const made = libraries
        .flatMap((library) => clientsMadeIn(analysis, file, library))
        .filter(({ expr }) => {
          const call = facts.exprs[expr]
          if (call?.k !== 'call' || told.includes(expr)) return false
          return !call.args.some((each) => isClient(file, each))
        })
      if (made.length === 0) return []
      const { local, imports } = importAs(facts, 0, module, name, names)
      const edits = made.flatMap(({ expr }) => {
        const { start, end } = r.program.expr(file, expr)
        return [
          { file, start, end: start, text: `${local}(` },
          { file, start: end, end, text: ')' },
        ]
      })
      const [need = { file, module, name }] = imports
      return [{ ...need, edits, isImported: imports.length === 0 }]
    })
}
