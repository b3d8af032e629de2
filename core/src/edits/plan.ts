import type { TextEdit } from './text-edit.js'

export type StepId = number

/**
 * What a step does to the program. The order is the order in which verification gives steps up:
 * the argument at a call before the call to the database, that before a signature.
 */
export type StepKind = 'call-site' | 'sink' | 'derive' | 'signature' | 'setup'

/** A named import that a step's text relies on. Import edits are rendered from the steps that are kept. */
export interface ImportNeed {
  readonly file: string
  /** Module specifier as it is to be written. */
  readonly module: string
  /** Exported name, or undefined for an import for its side effect. */
  readonly name?: string
  /** Local name where it differs from `name`. */
  readonly local?: string
  readonly typeOnly?: boolean
  /** Above the imports that are there, whose modules it has to be loaded before. */
  readonly first?: boolean
}

/** The smallest unit that is kept or rolled back. All its edits belong together, in any number of files. */
export interface Step {
  readonly id: StepId
  readonly kind: StepKind
  readonly edits: readonly TextEdit[]
  readonly imports: readonly ImportNeed[]
  /** Steps whose text this one relies on: where one of them goes, this one goes. */
  readonly requires: readonly StepId[]
  /** True for a step that is of no use by itself (an unused parameter, an unused const): it goes with its last dependant. */
  readonly onlyIfRequired: boolean
  /**
   * With `onlyIfRequired`: the dependants that count, where not all do. A parameter is of use by what
   * passes it on inside the function, not by the calls that fill it.
   */
  readonly serves?: readonly StepId[]
  /** Words for people: `add parameter signal to UserRepo.byId`. */
  readonly label: string
}

export interface Plan {
  readonly steps: readonly Step[]
}
