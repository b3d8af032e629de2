import { join, relative } from 'node:path'
import { ESLint } from 'eslint'
import plugin from 'eslint-plugin-ctx'
import tseslint from 'typescript-eslint'
import { judgedRules } from './judged-rules.mjs'

/**
 * What ESLint reports and what its fixes make of each file.
 *
 * @param {string} root
 * @param {import('./read.mjs').Case[]} cases
 * @param {{ typed: boolean, fix: boolean }} options
 */
export async function runEslint(root, cases, { typed, fix: isFixing }) {
  const linter = (fix) =>
    new ESLint({
      cwd: root,
      overrideConfigFile: true,
      overrideConfig: [
        {
          files: ['**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}'],
          languageOptions: {
            parser: tseslint.parser,
            parserOptions: typed ? { project: ['./tsconfig.json'], tsconfigRootDir: root } : {},
          },
          linterOptions: { reportUnusedDisableDirectives: 'off' },
          plugins: { ctx: plugin },
          rules: judgedRules(),
        },
      ],
      fix,
    })
  const files = cases.flatMap((each) => each.files.map((file) => join(root, each.name, file.name)))
  const results = await linter(false).lintFiles(files)
  const fixable = results
    .filter((each) => isFixing && each.fixableErrorCount > 0)
    .map((each) => each.filePath)
  const fixed = fixable.length === 0 ? [] : await linter(true).lintFiles(fixable)
  const outputs = new Map(fixed.map((each) => [each.filePath, each.output]))
  return new Map(
    results.map((each) => [
      relative(root, each.filePath),
      {
        reports: each.messages.map(({ line, ruleId, message }) => ({
          line,
          rule: ruleId,
          message,
        })),
        output: outputs.get(each.filePath) ?? suggested(each),
      },
    ]),
  )
}

/** Where only a person may decide: the text after the first suggestion of each report, as a person would take it. */
function suggested({ source, messages }) {
  const fixes = messages.flatMap(({ suggestions }) => suggestions?.slice(0, 1) ?? [])
  if (source === undefined || fixes.length === 0) return undefined
  return fixes
    .map((each) => each.fix)
    .sort((a, b) => b.range[0] - a.range[0])
    .reduce(
      (text, { range, text: inserted }) =>
        text.slice(0, range[0]) + inserted + text.slice(range[1]),
      source,
    )
}
