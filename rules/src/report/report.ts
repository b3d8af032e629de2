import { planSuggestions, type Found, type RuleName, type Suggestion } from '@ctx-fix/core'
import { analysisOf, type LintedFile } from '../host/analysis.js'
import type { Context } from '../host/eslint.js'
import { settingsOf } from '../host/settings.js'
import { fixerFor } from './fix.js'
import { setupNeeds } from './setup.js'

/** Reports what the shared analysis found under a rule's name in the linted file. */
export function reportFindings(
  context: Context,
  rule: RuleName,
  noSignalInScope: 'report' | 'off' = 'report',
): void {
  const file = analysisOf(context)
  if (!file) return
  const { propagation = 'explicit', budgets } = settingsOf(context)
  const options = { noSignalInScope, propagation, strict: true, ...(budgets ? { budgets } : {}) }
  for (const found of file.find(options))
    if (found.finding.rule === rule) report(context, file, found)
}

function report(context: Context, file: LintedFile, found: Found): void {
  const { finding } = found
  const { sourceCode } = context
  const suggestions = planSuggestions(file.analysis, found, sourceCode.text)
  const { commonjs } = file.analysis.resolver.program.facts(file.path)
  const setup = setupNeeds(file.analysis, found)
  const fixer = ({ edits, imports }: Suggestion) =>
    fixerFor(sourceCode, file.path, { edits, imports: [...imports, ...setup] }, commonjs)
  const isSafe = finding.safety === 'safe'
  const [best] = suggestions
  context.report({
    loc: {
      start: sourceCode.getLocFromIndex(finding.start),
      end: sourceCode.getLocFromIndex(finding.end),
    },
    messageId: finding.reason,
    data: finding.words,
    fix: isSafe && best ? fixer(best) : null,
    suggest: isSafe
      ? []
      : suggestions.map((each) => ({
          messageId: each.kind,
          data: { signal: each.signal },
          fix: fixer(each),
        })),
  })
}
