/** What the command asks of the whole-program host. Types cost nothing at run time. */
export type Host = Pick<typeof import('@ctx-fix/codemods'), 'analyzeProject' | 'fixProject'>

export type {
  CodemodName,
  CodemodRequest,
  CtxFixConfig,
  FileChange,
  FixResult,
  PreparedWrite,
  ProjectInput,
} from '@ctx-fix/codemods'

/** Only commands that analyse pay for the parser and ts-morph; `--help` does not. */
export function loadHost(): Promise<Host> {
  return import('@ctx-fix/codemods')
}
