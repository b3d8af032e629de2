import type { TextEdit } from '../edits/text-edit.js'
import type { Fn } from '../facts/types.js'
import { endOfLine, indentationAt } from './insertions.js'

/** Statements before all others of a function that has braces, behind its directives, in the file's own style. */
export function firstStatement(
  file: string,
  text: string,
  fn: Fn,
  ...statements: readonly string[]
): TextEdit {
  const open = fn.body.start + 1
  const prologue = /^\s*(?:(['"])use \w+\1[ \t]*;?\s*)+/.exec(text.slice(open, fn.body.end))
  const at = open + (prologue?.[0].trimEnd().length ?? 0)
  const line = /^[^\n]*/.exec(text.slice(at, fn.body.end - 1))?.[0].trim() ?? ''
  const isBroken = text.slice(open, fn.body.end - 1).includes('\n')
  // What stands on the line of the brace stays on it, and so does the new statement.
  if (!isBroken || (line !== '' && !line.startsWith('//'))) {
    const gap = prologue && !prologue[0].trimEnd().endsWith(';') ? ';' : ''
    return {
      file,
      start: at,
      end: at,
      text: `${gap} ${statements.join('; ')};${text[at] === ' ' ? '' : ' '}`,
    }
  }
  const first = /\n([ \t]*)\S/.exec(text.slice(at))
  const indentation = first?.[1] ?? `${indentationAt(text, fn.body.start)}  `
  const ends = usesSemicolons(text) ? ';' : ''
  const lines = statements.map((each) => `${endOfLine(text)}${indentation}${each}${ends}`)
  return { file, start: at, end: at, text: lines.join('') }
}

/** Whether the file ends its statements with semicolons, by what most of its lines do. */
export function usesSemicolons(text: string): boolean {
  const withSemicolon = text.match(/;[ \t]*(?:\/\/[^\n]*)?\r?$/gm)?.length ?? 0
  const without = text.match(/[\w)\]'"`][ \t]*\r?$/gm)?.length ?? 0
  return withSemicolon > without / 3
}
