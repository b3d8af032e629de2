import type { FileFacts, Span } from '../facts/types.js'
import type { TextEdit } from '../edits/text-edit.js'
import type { Analysis } from '../graph/analysis.js'
import type { AppCreation } from '../graph/applications.js'
import { lineBreak, trimEnd } from './insertions.js'
import type { LocalEdits } from './local.js'
import { importAs, type ImportedNames } from './names.js'
import { firstStatement, usesSemicolons } from './first-statement.js'

/** `app.use(ctxSignal())` before all handlers of an application, or undefined where there is no place for it. */
export function planEstablish(
  analysis: Analysis,
  creation: AppCreation,
  text: string,
  names?: ImportedNames,
): LocalEdits | undefined {
  const { file, establish } = creation
  const { module, name, method, called } = establish
  const facts = analysis.resolver.program.facts(file)
  const { local, imports } = importAs(facts, 0, module, name, names)
  const added = `.${method}(${local}${called ? '()' : ''})`
  const edit = placed(facts, creation, added, text)
  return edit && { edits: [edit], imports }
}

function placed(
  facts: FileFacts,
  { file, name, site, place }: AppCreation,
  added: string,
  text: string,
): TextEdit | undefined {
  switch (place?.as) {
    case undefined:
      return undefined
    case 'statement':
      return behind(file, text, site.statement, name + added)
    case 'constructor': {
      if (place.behind) return behind(file, text, place.behind, name + added)
      const fn = facts.functions[place.fn]
      return fn && firstStatement(file, text, fn, name + added)
    }
    case 'chain': {
      const end = facts.exprs[site.expr]?.end ?? site.close + 1
      if (place.nameStart === undefined) return { file, start: end, end, text: added }
      // Each link may stand on a line of its own.
      const dot = text.lastIndexOf('.', place.nameStart - 1)
      const at = trimEnd(text, dot)
      return { file, start: at, end: at, text: text.slice(at, dot) + added }
    }
  }
}

/** A statement behind another, on a line of its own where nothing else stands on that line. */
function behind(
  file: string,
  text: string,
  { start, end }: Span,
  added: string,
): TextEdit | undefined {
  const rest = /^[^\r\n]*/.exec(text.slice(end))?.[0].trim() ?? ''
  const isEnded = text[end - 1] === ';'
  if (rest === '' || rest.startsWith('//') || /^\/\*[^/]*\*\/$/.test(rest)) {
    const ends = usesSemicolons(text) || isEnded ? ';' : ''
    return { file, start: end, end, text: `${lineBreak(text, start)}${added}${ends}` }
  }
  // `if (isTest) app = express(); else …` has no room for a second statement.
  if (/^else\b/.test(rest)) return undefined
  return { file, start: end, end, text: `${isEnded ? '' : ';'} ${added};` }
}
