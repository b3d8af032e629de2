import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ImportNeed, Plan, Step, StepId, StepKind } from '@ctx-fix/core'

/** Inside the repository, so that sample projects find its node_modules. */
const SAMPLES = resolve(import.meta.dirname, '../../../.tmp')

const OPTIONS = {
  strict: true,
  target: 'es2022',
  module: 'nodenext',
  types: ['node'],
  noEmit: true,
}

/** The text of a strict tsconfig. */
export function tsconfig(options: object = {}, rest: object = { include: ['src'] }): string {
  return JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, ...rest })
}

/** A package.json that makes its files modules. */
export const ESM = '{ "type": "module" }'

/** A text of these lines. */
export function lines(...text: string[]): string {
  return [...text, ''].join('\n')
}

/** A sample project on disk, gone when the test is over. */
export function sampleProject(files: Record<string, string>, parent = SAMPLES) {
  mkdirSync(parent, { recursive: true })
  const root = mkdtempSync(join(parent, 'sample-'))
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true })
  })
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return new SampleProject(root)
}

/** `[file, what to find, what to put in its place]`; the text to find must occur once. */
type Replacement = readonly [file: string, find: string, text: string]

interface StepSpec {
  readonly edits: readonly Replacement[]
  readonly imports?: readonly ImportNeed[]
  readonly requires?: readonly StepId[]
  readonly onlyIfRequired?: boolean
}

class SampleProject {
  readonly root: string
  readonly tsconfigPath: string
  readonly tsconfigPaths: readonly string[]
  readonly sources = new Map<string, string>()
  private readonly steps: Step[] = []

  constructor(root: string) {
    this.root = root
    this.tsconfigPath = join(root, 'tsconfig.json')
    this.tsconfigPaths = [this.tsconfigPath]
  }

  get plan(): Plan {
    return { steps: this.steps }
  }

  path(name: string): string {
    return join(this.root, name)
  }

  /** Adds a step to the plan and returns its id. */
  step(kind: StepKind, { edits, imports = [], requires = [], onlyIfRequired = false }: StepSpec) {
    const id = this.steps.length + 1
    this.steps.push({
      id,
      kind,
      edits: edits.map((edit) => this.locate(edit)),
      imports: imports.map((need) => ({ ...need, file: this.read(need.file) })),
      requires,
      onlyIfRequired,
      label: `${kind} ${id}`,
    })
    return id
  }

  private locate([name, find, text]: Replacement) {
    const file = this.read(name)
    const source = this.sources.get(file) ?? ''
    const start = source.indexOf(find)
    if (start < 0 || source.includes(find, start + 1)) {
      throw new Error(`'${find}' does not occur exactly once in ${name}`)
    }
    return { file, start, end: start + find.length, text }
  }

  private read(name: string): string {
    const file = this.path(name)
    this.sources.set(file, readFileSync(file, 'utf8'))
    return file
  }
}
