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

export const call = (name: string, argument: string) => `${name}(${argument})`

/** What units have in common that are called as functions. */
export const asFunction = (index: number) => ({
  name: `f${index}`,
  depth: 1,
  call,
  reference: (name: string) => name,
})

/** The statements in a function that the unit's own one calls. */
export const inner = (body: string) => `async function inner(id: string): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}
`
