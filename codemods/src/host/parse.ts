import { estree, extractFacts, type EstreeNode, type FileFacts } from '@ctx-fix/core'
import { parseSync } from 'oxc-parser'

export interface ParseFailure {
  readonly file: string
  readonly message: string
  readonly line: number
  readonly column: number
}

const languages = new Map([
  ['.ts', 'ts'],
  ['.mts', 'ts'],
  ['.cts', 'ts'],
  ['.tsx', 'tsx'],
  // JSX is allowed in .js: React code bases write it there.
  ['.js', 'jsx'],
  ['.mjs', 'jsx'],
  ['.cjs', 'jsx'],
  ['.jsx', 'jsx'],
] as const)

/** Facts of a file by way of the native parser; the failure where it does not parse. */
export function parseFacts(path: string, text: string): FileFacts | ParseFailure {
  const extension = path.slice(path.lastIndexOf('.')) as '.ts'
  const { program, comments, errors } = parseSync(path, text, {
    lang: languages.get(extension) ?? 'ts',
    sourceType: path.endsWith('.cjs') || path.endsWith('.cts') ? 'script' : 'module',
    preserveParens: false,
  })
  const [error] = errors
  if (error && (program.body.length === 0 || error.severity === 'Error')) {
    const offset = error.labels[0]?.start ?? 0
    const before = text.slice(0, offset)
    const line = before.split('\n').length
    return { file: path, message: error.message, line, column: offset - before.lastIndexOf('\n') }
  }
  return extractFacts(estree, {
    path,
    text,
    program: program as unknown as EstreeNode,
    comments,
  }).facts
}
