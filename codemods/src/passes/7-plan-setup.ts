import type { Analysis, CallNode, ImportNeed, Library } from '@ctx-fix/core'

const forPg = '@ctx-fix/runtime/pg'

/**
 * The import that makes a signal reach the server goes in where the client is made (a driver's before an
 * ORM's), or where the first statement is sent if that is not in sight. Undefined where the program has it.
 */
export function setupNeed(
  analysis: Analysis,
  node: CallNode,
  isEditable: (file: string) => boolean,
): ImportNeed | undefined {
  const { program } = analysis.resolver
  const library = node.sink?.library
  const module = library?.setup ?? forPg
  for (const facts of program.files.values()) if (facts.modules.includes(module)) return undefined
  const files = [...program.files.keys()].filter(
    (file) => isEditable(file) && !analysis.isExempt(file),
  )
  const driver = analysis.resolver.catalog.byName('pg')
  const wanted = module === forPg ? [driver, library] : [library]
  for (const each of wanted) {
    const made = files.find((file) => each && makesClient(analysis, file, each))
    if (made !== undefined) return { file: made, module }
  }
  return { file: node.file, module }
}

/** `new Pool()`, `knex({…})`, `class PrismaService extends PrismaClient`. */
function makesClient(analysis: Analysis, file: string, library: Library): boolean {
  const r = analysis.resolver
  const { calls, classes, exprs } = r.program.facts(file)
  const clients = library.clients ?? []
  const extended = classes.some(
    (cls) =>
      cls.extends !== undefined &&
      r
        .expr(file, cls.extends)
        .some(
          (each) => each.k === 'libclass' && each.lib === library && clients.includes(each.entity),
        ),
  )
  return (
    extended ||
    calls.some(({ expr }) => {
      const call = exprs[expr]
      const isMaking = call?.k === 'new' || (call?.k === 'call' && exprs[call.callee]?.k === 'id')
      return (
        isMaking &&
        r
          .expr(file, expr)
          .some((each) => each.k === 'lib' && each.lib === library && clients.includes(each.entity))
      )
    })
  )
}
