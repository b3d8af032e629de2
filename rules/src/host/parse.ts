import { createRequire } from 'node:module'
import { estree, extractFacts, type Comment, type EstreeNode, type FileFacts } from '@ctx-fix/core'
import type { Context } from './eslint.js'

/** Reads the facts of a file that is imported by the one being linted; undefined where it does not parse. */
export type ParseFile = (path: string, text: string) => FileFacts | undefined

interface NativeParser {
  parseSync(
    path: string,
    text: string,
    options: { lang: string; sourceType: string; preserveParens: boolean },
  ): { program: unknown; comments: readonly Comment[]; errors: readonly { severity: string }[] }
}

const languages: Readonly<Record<string, string>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
}

let native: NativeParser | null | undefined

/** The native parser is a binary for each platform: where it cannot be loaded the linter's own parser does. */
function nativeParser(): NativeParser | null {
  if (native === undefined) {
    try {
      native = createRequire(import.meta.url)('oxc-parser') as NativeParser
    } catch {
      native = null
    }
  }
  return native
}

export function parserFor(context: Context): ParseFile {
  const parser = nativeParser()
  if (parser) return (path, text) => parseNatively(parser, path, text)
  const own = linterParser(context)
  return own ? (path, text) => parseWith(own, path, text) : () => undefined
}

function parseNatively(parser: NativeParser, path: string, text: string): FileFacts | undefined {
  const extension = path.slice(path.lastIndexOf('.'))
  const isScript = extension === '.cjs' || extension === '.cts'
  for (const sourceType of isScript ? ['commonjs'] : ['module', 'commonjs']) {
    const facts = parseAs(parser, path, text, sourceType, languages[extension] ?? 'jsx')
    if (facts || extension !== '.js') return facts
  }
  return undefined
}

/** JSX is allowed in .js: React code bases write it there. */
function parseAs(
  parser: NativeParser,
  path: string,
  text: string,
  sourceType: string,
  lang: string,
): FileFacts | undefined {
  const result = parser.parseSync(path, text, { lang, sourceType, preserveParens: false })
  if (result.errors.some((each) => each.severity === 'Error')) return undefined
  const { comments } = result
  try {
    const program = result.program as EstreeNode
    return extractFacts(estree, { path, text, program, comments }).facts
  } catch {
    // A few names (JSX with `\u{…}`) come over from the native side as no valid JSON.
    return undefined
  }
}

interface LinterParser {
  parseForESLint?(text: string, options: object): { ast: unknown }
  parse?(text: string, options: object): unknown
}

function linterParser(context: Context): LinterParser | undefined {
  const parser = (context.languageOptions as { parser?: unknown } | undefined)?.parser
  return typeof parser === 'object' && parser !== null ? parser : undefined
}

function parseWith(parser: LinterParser, path: string, text: string): FileFacts | undefined {
  const options = { filePath: path, range: true, loc: true, comment: true, sourceType: 'module' }
  try {
    const ast = parser.parseForESLint
      ? parser.parseForESLint(text, options).ast
      : parser.parse?.(text, options)
    if (!ast) return undefined
    const program = ast as EstreeNode & { comments?: readonly EsComment[] }
    return extractFacts(estree, { path, text, program, comments: commentsOf(program.comments) })
      .facts
  } catch {
    // Half-written code in another file: what it exports is unknown for now.
    return undefined
  }
}

interface EsComment {
  readonly value: string
  readonly range?: readonly [number, number]
}

export function commentsOf(comments: readonly EsComment[] = []): readonly Comment[] {
  return comments.map(({ value, range }) => ({
    value,
    start: range?.[0] ?? 0,
    end: range?.[1] ?? 0,
  }))
}
