/** What comes of a shop's calls. */
export interface Outcome {
  readonly proven: number
  readonly others: Readonly<Record<string, string>>
  readonly forward: string
}

interface Site {
  readonly file: string
  readonly line: number
  readonly status: string
}

export function readExpected(): Readonly<Record<string, Outcome>>
export function outcomeOf(sites: readonly Site[], forward: string): Outcome
export function differences(expected: Outcome | undefined, found: Outcome): string[]
export function tableHead(): string[]
export function tableRow(name: string, outcome: Outcome): string
export function pageFaults(page: string, expected: Readonly<Record<string, Outcome>>): string[]
