import { estree, extractFacts, type FileFacts } from '@ctx-fix/core'
import { parseSync } from 'oxc-parser'

export interface ParseFailure {
  readonly file: string
  readonly message: string
  readonly line: number
  readonly column: number
}

const languages = new Map<string, 'ts' | 'tsx' | 'jsx'>([
  ['.ts', 'ts'],
  ['.mts', 'ts'],
  ['.cts', 'ts'],
  ['.tsx', 'tsx'],
  // JSX is allowed in .js: React code bases write it there.
  ['.js', 'jsx'],
  ['.mjs', 'jsx'],
  ['.cjs', 'jsx'],
  ['.jsx', 'jsx'],
])

/** Facts of a file by way of the native parser; the failure where it does not parse. */
export function parseFacts(path: string, text: string): FileFacts | ParseFailure {
  const extension = path.slice(path.lastIndexOf('.'))
  const { program, comments, errors } = parseSync(path, text, {
    lang: languages.get(extension) ?? 'ts',
    sourceType: path.endsWith('.cjs') || path.endsWith('.cts') ? 'script' : 'module',
    preserveParens: false,
  })
  const [error] = errors
  // A string enum, of which the native module exports no value to compare with.
  if (error && (program.body.length === 0 || (error.severity as string) === 'Error')) {
    const offset = error.labels[0]?.start ?? 0
    const before = text.slice(0, offset)
    const line = before.split('\n').length
    return { file: path, message: error.message, line, column: offset - before.lastIndexOf('\n') }
  }
  return extractFacts(estree, {
    path,
    text,
    program,
    comments,
  }).facts
}
