import type { Finding, Found } from '@ctx-fix/core'
import type { PlanContext, ProgramPlan } from '../passes/6-plan-steps.js'
import type { CtxFixConfig } from '../project.js'

/** What the command line says besides the name. */
export interface CodemodSettings {
  /** Why work is detached, for the markers. */
  readonly reason?: string
  readonly propagation: NonNullable<CtxFixConfig['propagation']>
}

export interface CodemodPlan extends ProgramPlan {
  /** Edits of the same text wait for those that were planned: plan once more when they are made. */
  readonly again?: boolean
}

/** One rule's fix over a whole program. */
export interface Codemod {
  /** The findings that it is about: those are reported, and no others. */
  readonly isAbout: (finding: Finding) => boolean
  readonly plan: (
    context: PlanContext,
    found: readonly Found[],
    settings: CodemodSettings,
  ) => CodemodPlan
  /** The style that it leads to, where it changes that. */
  readonly propagation?: CodemodSettings['propagation']
}
