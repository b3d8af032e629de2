import { reasonWords, type RuleName } from '@ctx-fix/core'
import type { RuleModule, RuleMetaData } from '@typescript-eslint/utils/ts-eslint'
import type { Context } from './host/eslint.js'
import { settingsOf } from './host/settings.js'
import { reportFindings } from './report/report.js'

/** Without the types of one version of ESLint in it: each has its own, and a plugin is given to all. */
export interface CtxRule {
  readonly meta: RuleModule<string, unknown[], CtxDocs>['meta']
  create(context: object): Visitor
}

// No interface: only an object type may stand where ESLint's types want an index signature.
type Visitor = { Program(): void }

interface CtxDocs {
  readonly recommended: boolean
}

interface RuleParts {
  readonly name: RuleName
  readonly description: string
  readonly recommended: boolean
  readonly fixable: boolean
  readonly hasSuggestions: boolean
  readonly schema?: RuleMetaData<string, CtxDocs>['schema']
  readonly defaultOptions?: unknown[]
  readonly create?: (context: Context) => void
}

const pages = 'https://github.com/ctx-fix/ctx-fix/blob/main/docs/rules'

/** A rule is a name for some of what the engine finds, once for all rules of a file. */
export function createRule(parts: RuleParts): CtxRule {
  const { name, description, recommended, create } = parts
  return {
    meta: {
      type: 'problem',
      docs: { description, recommended, url: `${pages}/${name}.md` },
      ...(parts.fixable ? { fixable: 'code' } : {}),
      hasSuggestions: parts.hasSuggestions,
      schema: parts.schema ?? [],
      defaultOptions: parts.defaultOptions ?? [],
      messages: parts.hasSuggestions ? { ...messages, ...suggestionWords } : messages,
    },
    create(given) {
      const context = given as Context
      // Here, so that a slip in the settings is told of whatever the file.
      settingsOf(context)
      return {
        Program() {
          if (create) create(context)
          else reportFindings(context, name)
        },
      }
    },
  }
}

const suggestionWords = {
  pass: 'Pass `{{signal}}`.',
  take: 'Add a signal parameter to `{{signal}}` and pass it.',
  join: 'Derive it from `{{signal}}`.',
  replace: 'Use `{{signal}}`.',
  add: 'Add `{{signal}}`.',
  remove: 'Remove the marker.',
  enclose: 'Put what uses it in `try … {{signal}}`.',
}

/** The same for all rules: which of them a reason belongs to is the engine's to say. */
const messages: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(reasonWords).map(([reason, words]) => [reason, toPlaceholders(words)]),
)

/** The engine writes `{name}`, the linter `{{name}}`. */
function toPlaceholders(words: string): string {
  return words.replace(/\{(\w+)\}/g, '{{$1}}')
}
