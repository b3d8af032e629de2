import { parseSync, type ParseResult } from 'oxc-parser'

/** Parses a file as its name says; JavaScript may hold JSX, and be a module or not. */
export function parseFile(file: string, text: string, showSemanticErrors = false): ParseResult {
  const isPlain = /\.jsx?$/.test(file)
  return parseSync(file, text, {
    showSemanticErrors,
    ...(/\.[cm]?jsx?$/.test(file) && { lang: 'jsx' as const }),
    ...(isPlain && { sourceType: 'unambiguous' as const }),
    ...(file.endsWith('.cjs') && { sourceType: 'commonjs' as const }),
  })
}
