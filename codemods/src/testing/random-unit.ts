/** One declaration of a random program, and how it is used from other files. */
export interface Unit {
  /** What its module exports, by name and as the default. */
  readonly name: string
  /** How deep the statements of its body stand. */
  readonly depth: number
  /** The text of the declaration around the statements of a body that reads `id` and adds to `out`. */
  declare(body: string): string
  /** A call, which gives a promise of a list of strings. */
  call(name: string, argument: string): string
  /** A function of one argument, to be handed over; undefined where there is none that is idiomatic. */
  readonly reference?: (name: string) => string
}

/** Makes the unit of a number, by which its names differ from those of others. */
export type Kind = (index: number) => Unit
