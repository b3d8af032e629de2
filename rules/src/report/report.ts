import { planLocalFix, type Found, type LocalFix, type RuleName } from '@ctx-fix/core'
import { analysisOf, type LintedFile } from '../host/analysis.js'
import type { Context } from '../host/eslint.js'
import { fixerFor } from './fix.js'

/** Reports what the shared analysis found under a rule's name in the linted file. */
export function reportFindings(
  context: Context,
  rule: RuleName,
  noSignalInScope: 'report' | 'off' = 'report',
): void {
  const file = analysisOf(context)
  for (const found of file.find({ noSignalInScope }))
    if (found.finding.rule === rule) report(context, file, found)
}

function report(context: Context, file: LintedFile, found: Found): void {
  const { finding } = found
  const { sourceCode } = context
  const { choices } = planLocalFix(file.analysis, found, sourceCode.text)
  const { commonjs } = file.analysis.resolver.program.facts(file.path)
  const fixer = (choice: LocalFix) => fixerFor(sourceCode, file.path, choice, commonjs)
  const [best] = choices
  context.report({
    loc: {
      start: sourceCode.getLocFromIndex(finding.start),
      end: sourceCode.getLocFromIndex(finding.end),
    },
    messageId: finding.reason,
    data: finding.words,
    fix: finding.safety === 'safe' && best ? fixer(best) : null,
    suggest:
      finding.safety === 'safe'
        ? []
        : choices.map((choice) => ({
            messageId: 'pass',
            data: { signal: choice.signal },
            fix: fixer(choice),
          })),
  })
}
