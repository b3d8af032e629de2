import type { ReporterName } from '../reporters/index.js'

export interface CheckOptions {
  readonly tsconfig?: string
  readonly config?: string
  readonly noSignalInScope?: 'report' | 'off'
  readonly reporter?: ReporterName
  readonly quiet?: boolean
  /** What `prove` has written. */
  readonly proof?: string
  /** What `baseline` has written: what is in it is not reported. */
  readonly baseline?: string
}

export interface FixOptions extends CheckOptions {
  readonly dryRun?: boolean
  readonly diff?: boolean
  readonly allowDirty?: boolean
  readonly todo?: boolean
  readonly updateTests?: boolean
  readonly verify: boolean
}

export interface CodemodOptions extends FixOptions {
  /** Why work is detached. */
  readonly reason?: string
}
