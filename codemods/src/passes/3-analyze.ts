import { relative } from 'node:path'
import {
  analyze,
  isExemptPath,
  Program,
  type Analysis,
  type FileFacts,
  type Links,
} from '@ctx-fix/core'

export interface AnalyzeSettings {
  readonly root: string
  readonly signalNames?: readonly string[]
}

/** Calls, entry points and signals of the whole program. */
export function analyzeProgram(
  facts: ReadonlyMap<string, FileFacts>,
  links: Links,
  { root, signalNames }: AnalyzeSettings,
): Analysis {
  return analyze(new Program(facts, links), {
    isExempt: (path) => isExemptPath(relative(root, path).replaceAll('\\', '/')),
    ...(signalNames ? { signalNames } : {}),
  })
}
