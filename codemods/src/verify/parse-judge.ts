import type { RenderedFile } from '../apply/materialize.js'
import { parseFile } from '../apply/parse.js'
import type { Judge } from './judge.js'
import { newProblems, type Place, type Problem } from './problem.js'

type Files = ReadonlyMap<string, RenderedFile>

/** Judges a program by whether each edited file still parses. Needs no types. */
export class ParseJudge implements Judge {
  private files: Files = new Map()

  newProblems(files: Files, scope: 'all' | ReadonlySet<string>): Problem[] {
    this.files = files
    return [...files].flatMap(([file, rendered]) => {
      if (scope !== 'all' && !scope.has(file)) return []
      const problems = parseProblems(file, rendered.after, rendered)
      return problems.length > 0 ? newProblems(problems, parseProblems(file, rendered.before)) : []
    })
  }

  /** The edits of the file, nearest first: a parser often complains well behind the mistake. */
  suspects(problem: Problem): Place[][] {
    const spans = this.files.get(problem.file)?.map.spans ?? []
    return spans
      .toSorted((a, b) => Math.abs(a.newEnd - problem.start) - Math.abs(b.newEnd - problem.start))
      .map(({ newStart, newEnd }) => [{ file: problem.file, start: newStart, end: newEnd }])
  }
}

function parseProblems(file: string, text: string, rendered?: RenderedFile): Problem[] {
  const { errors } = parseFile(file, text, true)
  return errors.flatMap(({ severity, message, labels: [label] }) => {
    if ((severity as string) !== 'Error') return []
    const start = label?.start ?? 0
    const old = rendered?.map.toOld(start) ?? { offset: start, edited: false }
    return {
      file,
      start,
      end: label?.end ?? start,
      code: 0,
      message,
      context: '',
      oldStart: old.offset,
      edited: old.edited,
    }
  })
}
