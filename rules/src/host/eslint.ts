import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import type { RuleContext } from '@typescript-eslint/utils/ts-eslint'

/** What a rule is given, alike in ESLint 8.57, 9, 10 and oxlint. */
export type Context = Readonly<RuleContext<string, readonly unknown[]>>

export type SourceCode = Context['sourceCode']

/** oxlint and parsers without types hand out `{}`, or services without a program. */
export function typedServices(
  sourceCode: SourceCode,
): ParserServicesWithTypeInformation | undefined {
  const services = sourceCode.parserServices
  return services?.program ? (services as ParserServicesWithTypeInformation) : undefined
}
