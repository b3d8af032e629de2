import type { Report } from '@ctx-fix/core'

/** What the command asks of the whole-program host, `@ctx-fix/codemods`. */
export interface Host {
  analyzeProject(input: ProjectInput): Promise<Analysis>
  fixProject(input: ProjectInput, options: FixProjectOptions): Promise<FixResult>
}

/** All paths are absolute. */
export interface ProjectInput {
  readonly root: string
  /** The whole program: chains run through files that nobody asked about. */
  readonly files: readonly string[]
  /** The subset whose findings are shown and edited. */
  readonly report: readonly string[]
  readonly tsconfig?: string
  readonly config: CtxFixConfig
}

export interface CtxFixConfig {
  readonly propagation?: 'explicit' | 'ambient'
  readonly noSignalInScope?: 'report' | 'off'
  readonly signalNames?: readonly string[]
  readonly libraries?: readonly unknown[]
  readonly testGlobs?: readonly string[]
}

export interface FixProjectOptions {
  readonly verify: boolean
}

export interface Analysis {
  readonly report: Report
}

export interface FixResult {
  readonly report: Report
  readonly changes: readonly FileChange[]
  /** Writes every change, each file atomically. */
  write(): Promise<void>
  readonly installHint?: string
}

export interface FileChange {
  readonly file: string
  readonly before: string
  readonly after: string
}

/** Only commands that analyse pay for the parser and ts-morph; `--help` does not. */
export async function loadHost(): Promise<Host> {
  return (await import('@ctx-fix/codemods')) as unknown as Host
}
