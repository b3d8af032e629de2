import type { RenderedFile } from '../apply/materialize.js'
import type { Place, Problem } from './problem.js'

/** Something that can tell what is wrong with an edited program. */
export interface Judge {
  /**
   * What the edited program has against it that the unedited one has not.
   * `scope` limits the answer to some files; `all` means wherever the edits can have an effect.
   */
  newProblems(
    files: ReadonlyMap<string, RenderedFile>,
    scope: 'all' | ReadonlySet<string>,
  ): Problem[]

  /**
   * Where the cause of a problem may lie besides its own place, likeliest tier first. Asked only
   * about problems of the last call of `newProblems`.
   */
  suspects(problem: Problem): readonly (readonly Place[])[]
}
