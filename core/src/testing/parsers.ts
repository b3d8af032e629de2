import { parse as parseBabel, type ParserPlugin } from '@babel/parser'
import { parse as parseEstree } from '@typescript-eslint/typescript-estree'
import { parseSync } from 'oxc-parser'
import ts from 'typescript'
import { extractFacts } from '../facts/extract.js'
import type { FileFacts } from '../facts/types.js'
import { estree } from '../syntax/estree.js'
import type { Comment } from '../syntax/shape.js'
import { createTypeScriptSyntax } from '../syntax/typescript.js'

export type ParserName = 'oxc' | 'typescript-estree' | 'typescript' | 'babel'

const isPlain = (path: string) => /\.[cm]?jsx?$/.test(path)
const hasJsx = (path: string) => path.endsWith('x') || isPlain(path)

function parseOxc(path: string, text: string) {
  const lang = isPlain(path) ? 'jsx' : hasJsx(path) ? 'tsx' : 'ts'
  const parsed = parseSync(path, text, { lang, preserveParens: false })
  if (parsed.errors[0]) throw new SyntaxError(parsed.errors[0].message)
  return parsed
}

/** The facts that all other parsers are compared with: those by the one that the engine reads files with. */
export function expectedFacts(path: string, text: string, parser: ParserName): FileFacts {
  if (parser !== 'typescript') return factsBy.oxc(path, text)
  const { program } = parseOxc(path, text)
  return extractFacts(estree, { path, text, program, comments: [] }).facts
}

/** The facts of a source by way of each parser; of TypeScript's tree without what comments tell. */
export const factsBy: Readonly<Record<ParserName, (path: string, text: string) => FileFacts>> = {
  oxc(path, text) {
    const { program, comments } = parseOxc(path, text)
    return extractFacts(estree, { path, text, program, comments }).facts
  },
  'typescript-estree'(path, text) {
    const program = parseEstree(text, { range: true, comment: true, jsx: hasJsx(path) })
    const comments = program.comments.map(({ value, range: [start, end] }) => ({
      value,
      start,
      end,
    }))
    return extractFacts(estree, { path, text, program, comments }).facts
  },
  typescript(path, text) {
    const kind = isPlain(path) ? ts.ScriptKind.JSX : undefined
    const program = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, kind)
    const syntax = createTypeScriptSyntax(ts, program)
    return extractFacts(syntax, { path, text, program, comments: [] }).facts
  },
  babel(path, text) {
    const plugins: ParserPlugin[] = ['decorators-legacy', 'decoratorAutoAccessors']
    if (!isPlain(path)) plugins.push('typescript')
    if (hasJsx(path)) plugins.push('jsx')
    const program = parseBabel(text, { sourceType: 'unambiguous', plugins })
    const comments = (program.comments ?? []).map(({ value, start, end }): Comment => ({
      value,
      start: start ?? 0,
      end: end ?? 0,
    }))
    return extractFacts(estree, { path, text, program, comments }).facts
  },
}
