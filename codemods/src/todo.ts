import { refusalWords, type Found, type Refusal } from '@ctx-fix/core'

const mark = '// TODO(ctx): '

export interface TodoInput {
  /** What is left, in the texts given. */
  readonly left: readonly Found[]
  readonly refusals: ReadonlyMap<string, Refusal>
  readonly texts: ReadonlyMap<string, string>
  readonly isEditable: (file: string) => boolean
}

/**
 * The texts with a comment above each statement that something is left in, saying why, and without those of
 * earlier runs that nothing is left of. A statement that does not begin its line gets none: in a template or
 * behind other code a comment would become text.
 */
export function writeTodos({ left, refusals, texts, isEditable }: TodoInput): Map<string, string> {
  const written = new Map<string, string>()
  for (const [file, text] of texts) {
    if (!isEditable(file)) continue
    const own = left.filter(({ finding }) => finding.file === file)
    if (own.length === 0 && !text.includes(mark)) continue
    const after = withTodos(text, todosOf(text, own, refusals))
    if (after !== text) written.set(file, after)
  }
  return written
}

/** By the offset of the line that the comment goes above. */
function todosOf(
  text: string,
  left: readonly Found[],
  refusals: ReadonlyMap<string, Refusal>,
): ReadonlyMap<number, string> {
  const todos = new Map<number, string>()
  for (const { finding, judgement } of left) {
    const from = judgement?.node.site.statement.start ?? finding.start
    const line = text.lastIndexOf('\n', from - 1) + 1
    const indentation = text.slice(line, from)
    const start = aboveComments(text, line)
    if (!/^[ \t]*$/.test(indentation) || todos.has(start)) continue
    const refusal = refusals.get(finding.fingerprint) ?? finding.refusal
    const why = refusal === undefined ? finding.message : refusalWords[refusal]
    todos.set(start, `${indentation}${mark}${finding.rule}: ${why}`)
  }
  return todos
}

/** Comments such as `@ts-expect-error` hold for the line below them: nothing comes between. */
function aboveComments(text: string, line: number): number {
  let start = line
  while (start > 0) {
    const above = text.lastIndexOf('\n', start - 2) + 1
    const comment = text.slice(above, start).trim()
    if (!comment.startsWith('//') || comment.startsWith(mark)) break
    start = above
  }
  return start
}

function withTodos(text: string, todos: ReadonlyMap<number, string>): string {
  let start = 0
  return text
    .split('\n')
    .flatMap((line) => {
      const todo = todos.get(start)
      start += line.length + 1
      const own = line.trimStart().startsWith(mark) ? [] : [line]
      return todo === undefined ? own : [line.endsWith('\r') ? `${todo}\r` : todo, ...own]
    })
    .join('\n')
}
