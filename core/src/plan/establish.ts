import type { AppCreation } from '../graph/establish.js'
import type { Analysis } from '../graph/analysis.js'
import { lineBreak } from './insertions.js'
import type { LocalEdits } from './local.js'
import { importAs, type ImportedNames } from './names.js'
import { usesSemicolons } from './obtain.js'

/** `app.use(ctxSignal())` on a line of its own behind the statement that makes the application. */
export function planEstablish(
  analysis: Analysis,
  creation: AppCreation,
  text: string,
  names?: ImportedNames,
): LocalEdits {
  const { file, binding, establish, site } = creation
  const { module, name, method, called } = establish
  const facts = analysis.resolver.program.facts(file)
  const { local, imports } = importAs(facts, 0, module, name, names)
  const semicolon = usesSemicolons(text) ? ';' : ''
  const argument = called ? `${local}()` : local
  const at = site.statement.end
  const line = `${binding.name}.${method}(${argument})${semicolon}`
  return {
    edits: [{ file, start: at, end: at, text: lineBreak(text, site.statement.start) + line }],
    imports,
  }
}
