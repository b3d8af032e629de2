import { fileURLToPath } from 'node:url'
import * as parser from '@typescript-eslint/parser'
import { RuleTester } from '@typescript-eslint/rule-tester'
import { afterAll, describe, it } from 'vitest'
import type { CtxRule } from '../create-rule.js'

RuleTester.afterAll = afterAll
RuleTester.describe = describe
RuleTester.it = it
RuleTester.itOnly = it.only

const root = fileURLToPath(new URL('project', import.meta.url))
const filename = `${root}/file.ts`

export interface Reported {
  readonly code: string
  /** Reasons, in the order of the places reported. */
  readonly reasons: readonly string[]
  /** The text after the fix, or that of each suggestion of the one report. */
  readonly output?: string
  readonly suggestions?: readonly { readonly kind: string; readonly output: string }[]
  readonly options?: readonly unknown[]
}

export interface Table {
  readonly silent: Readonly<Record<string, string>>
  readonly withoutFix: Readonly<Record<string, Reported>>
  readonly withFix: Readonly<Record<string, Reported>>
  readonly options?: readonly unknown[]
}

/** Runs a table of situations with type information and without: the verdicts are the same. */
export function testRule(name: string, rule: CtxRule, table: Table): void {
  const hosts = {
    typed: { projectService: true, tsconfigRootDir: root },
    untyped: {},
  }
  for (const [host, parserOptions] of Object.entries(hosts))
    describe(host, () => {
      new RuleTester({ languageOptions: { parser, parserOptions } }).run(name, rule, {
        valid: Object.entries(table.silent).map(([situation, code]) => ({
          name: `silent: ${situation}`,
          code: trimmed(code),
          filename,
          options: (table.options ?? []) as never,
        })),
        invalid: [
          ...Object.entries(table.withoutFix).map(([situation, each]) =>
            invalid(`without fix: ${situation}`, each, table),
          ),
          ...Object.entries(table.withFix).map(([situation, each]) =>
            invalid(`with fix: ${situation}`, each, table),
          ),
        ],
      })
    })
}

function invalid(name: string, reported: Reported, table: Table) {
  const { code, reasons, output, suggestions } = reported
  return {
    name,
    code: trimmed(code),
    filename,
    options: (reported.options ?? table.options ?? []) as never,
    output: output === undefined ? null : trimmed(output),
    errors: reasons.map((messageId) => ({
      messageId: messageId as never,
      suggestions: suggestions
        ? suggestions.map((each) => ({
            messageId: each.kind as never,
            output: trimmed(each.output),
          }))
        : null,
    })),
  }
}

/** Templates start on a line of their own, at the indentation of their table. */
function trimmed(code: string): string {
  const lines = code.replace(/^\n/, '').trimEnd().split('\n')
  const indentations = lines.filter((line) => line.trim()).map((line) => line.search(/\S/))
  const indentation = Math.min(...indentations)
  return `${lines.map((line) => line.slice(indentation)).join('\n')}\n`
}
