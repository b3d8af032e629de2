import type { ImportNeed, TextEdit } from '@ctx-fix/core'
import type { ReportFixFunction, RuleFix } from '@typescript-eslint/utils/ts-eslint'
import type { SourceCode } from '../host/eslint.js'
import { importEdits } from './imports.js'

export interface Edits {
  readonly edits: readonly TextEdit[]
  readonly imports: readonly ImportNeed[]
}

/** The engine's edits as the linter applies them: several ranges of one file, as one fix. */
export function fixerFor(
  sourceCode: SourceCode,
  file: string,
  { edits, imports }: Edits,
  commonjs: boolean,
): ReportFixFunction {
  return (fixer): RuleFix[] =>
    [...importEdits(sourceCode, file, imports, commonjs), ...edits].map((each) =>
      fixer.replaceTextRange([each.start, each.end], each.text),
    )
}
