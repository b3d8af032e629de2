import { estree, extractFacts, type FileFacts } from '@ctx-fix/core'
import { parseSync, type Comment, type OxcError, type ParseResult } from 'oxc-parser'

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
  const parsed = parse(path, text)
  if ('error' in parsed) {
    const { error } = parsed
    const offset = error.labels[0]?.start ?? 0
    const before = text.slice(0, offset)
    const line = before.split('\n').length
    return { file: path, message: error.message, line, column: offset - before.lastIndexOf('\n') }
  }
  return extractFacts(estree, {
    path,
    text,
    ...parsed,
  }).facts
}

type Parsed =
  | { readonly program: ParseResult['program']; readonly comments: readonly Comment[] }
  | { readonly error: Pick<OxcError, 'message' | 'labels'> }

/** As a module, and where that fails as the body of the function that Node makes of a CommonJS file. */
function parse(path: string, text: string): Parsed {
  const extension = path.slice(path.lastIndexOf('.'))
  const isScript = extension === '.cjs' || extension === '.cts'
  const first = parseAs(path, text, isScript ? 'commonjs' : 'module')
  if (!('error' in first) || extension !== '.js') return first
  const second = parseAs(path, text, 'commonjs')
  return 'error' in second ? first : second
}

function parseAs(path: string, text: string, sourceType: 'commonjs' | 'module'): Parsed {
  const result = parseSync(path, text, {
    lang: languages.get(path.slice(path.lastIndexOf('.'))) ?? 'ts',
    sourceType,
    preserveParens: false,
  })
  const [error] = result.errors
  const program = programOf(result)
  if (!program) return { error: error ?? unreadable }
  // A string enum, of which the native module exports no value to compare with.
  const isBroken = error && (program.body.length === 0 || (error.severity as string) === 'Error')
  return isBroken ? { error } : { program, comments: result.comments }
}

const unreadable = { message: 'The parser cannot hand over a name in it', labels: [] }

/** A few names (JSX with `\u{…}`) come over from the native side as no valid JSON, which throws here. */
function programOf(result: ParseResult): ParseResult['program'] | undefined {
  try {
    return result.program
  } catch {
    return undefined
  }
}
