import { isWithin } from '../facts/text.js'
import type { FileFacts, Span } from '../facts/types.js'
import type { TextEdit } from '../edits/text-edit.js'
import type { Analysis } from '../graph/analysis.js'
import type { CallNode } from '../graph/model.js'
import { indentationAt, lineBreak } from './insertions.js'

/**
 * `// ctx:detached -- reason` above the statement that a call stands in. Undefined where that statement does not
 * begin its line, or has other calls that would be marked along with it.
 */
export function planMarker(
  analysis: Analysis,
  node: CallNode,
  text: string,
  reason: string,
): TextEdit | undefined {
  const facts = analysis.resolver.program.facts(node.file)
  const call = analysis.resolver.program.expr(node.file, node.expr)
  const statement = statementOnOwnLine(facts, text, call)
  if (!statement || marksOthers(analysis, node, statement)) return undefined
  const { start } = statement
  const added = `// ctx:detached -- ${reason}${lineBreak(text, start)}`
  return { file: node.file, start, end: start, text: added }
}

/** The innermost statement around a call that begins a line. */
function statementOnOwnLine({ blocks }: FileFacts, text: string, call: Span): Span | undefined {
  return blocks
    .flatMap((each) => each.statements)
    .filter((each) => isWithin(call, each))
    .toSorted((a, b) => a.end - a.start - (b.end - b.start))
    .find(({ start }) => {
      const line = text.lastIndexOf('\n', start - 1) + 1
      return indentationAt(text, start) === text.slice(line, start)
    })
}

const open = new Set(['lost', 'wanting', 'shared', 'passed'])

function marksOthers(analysis: Analysis, node: CallNode, statement: Span): boolean {
  const { program } = analysis.resolver
  return analysis.judgements.some(
    ({ node: other, verdict }) =>
      other !== node &&
      other.file === node.file &&
      !other.unawaited &&
      open.has(verdict) &&
      isWithin(program.expr(other.file, other.expr), statement),
  )
}
