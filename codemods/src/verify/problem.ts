/** A range of an edited file. */
export interface Place {
  readonly file: string
  readonly start: number
  readonly end: number
}

/** A complaint of the parser or the type checker about the edited program. */
export interface Problem extends Place {
  /** A TypeScript error code, or 0 for a parse error of the plain-JavaScript host. */
  readonly code: number
  readonly message: string
  /** The declarations around it, outermost first: what stays the same when lines shift. */
  readonly context: string
  /** Where it is in the text before the edits. */
  readonly oldStart: number
  /** True where it begins in text that an edit brought. */
  readonly edited: boolean
}

/** Whether two complaints, perhaps about two versions of a program, are the same one. */
export function isSameProblem(a: Problem, b: Problem): boolean {
  return isAtSamePlace(a, b) || (isAlike(a, b) && a.message === b.message)
}

/** What `problems` has beyond `baseline`. Each complaint of the baseline excuses one. */
export function newProblems(problems: readonly Problem[], baseline: readonly Problem[]): Problem[] {
  const excuses = new Set(baseline)
  const excused = (problem: Problem, matches: (a: Problem, b: Problem) => boolean) => {
    for (const excuse of excuses) if (matches(problem, excuse)) return excuses.delete(excuse)
    return false
  }
  // By place first: the wording of an old complaint can change with the types that it prints.
  return problems
    .filter((problem) => !excused(problem, isAtSamePlace))
    .filter((problem) => !excused(problem, (a, b) => isAlike(a, b) && a.message === b.message))
}

const isAtSamePlace = (a: Problem, b: Problem) =>
  a.file === b.file && a.code === b.code && a.oldStart === b.oldStart && a.edited === b.edited

const isAlike = (a: Problem, b: Problem) =>
  a.file === b.file && a.code === b.code && a.context === b.context
