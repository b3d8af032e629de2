import type { CommonSettings } from '@ctx-fix/core'
import { parseTsconfig } from 'get-tsconfig'
import type { Part } from './workspace.js'

export interface CtxFixConfig extends CommonSettings {
  readonly noSignalInScope?: 'report' | 'off'
  /** Also reports signals without a deadline, and aborts that a `catch` hides. */
  readonly strict?: boolean
}

/** All paths are absolute. */
export interface ProjectInput {
  readonly root: string
  /** The whole program: chains run through files that nobody asked about. */
  readonly files: readonly string[]
  /** The subset whose findings are shown and edited. */
  readonly report: readonly string[]
  readonly tsconfig?: string
  /** The packages of a workspace that make one program; a program of one package needs none. */
  readonly parts?: readonly Part[]
  readonly config: CtxFixConfig
  /** The folder of the configuration, from which its globs start; `root` where it is not given. */
  readonly globsFrom?: string
}

export function packagesOf({ root, files, tsconfig, parts }: ProjectInput): readonly Part[] {
  return parts ?? [{ root, files, ...(tsconfig === undefined ? {} : { tsconfig }) }]
}

export function tsconfigsOf(input: ProjectInput): readonly string[] {
  return packagesOf(input).flatMap(({ tsconfig }) => tsconfig ?? [])
}

/** Of the files that were asked for, those that are written by hand. */
export function isEditableIn({ report }: ProjectInput): (file: string) => boolean {
  const asked = new Set(report)
  return (file) => asked.has(file) && !/\.d\.[cm]?ts$|\.gen\.[cm]?[jt]sx?$/.test(file)
}

export function isOn(tsconfig: string, option: 'exactOptionalPropertyTypes' | 'checkJs'): boolean {
  try {
    return parseTsconfig(tsconfig).compilerOptions?.[option] === true
  } catch {
    // It extends a package that is not installed: checking goes on, and verifying says so.
    return false
  }
}

/** JavaScript whose types are checked: all of the project, or what asks for it. */
export function checkedIn(
  input: ProjectInput,
  texts: ReadonlyMap<string, string>,
): (file: string) => boolean {
  const all = tsconfigsOf(input).some((each) => isOn(each, 'checkJs'))
  return (file) => all || /^\s*\/\/\s*@ts-check\b/m.test(texts.get(file)?.slice(0, 2000) ?? '')
}
