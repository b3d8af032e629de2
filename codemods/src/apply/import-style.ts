import type { ModuleShape } from './module-shape.js'

/** How a file writes its imports. */
export interface ImportStyle {
  readonly quote: string
  readonly semicolon: '' | ';'
}

/** Takes the style from the imports of a file, else from the rest of it. */
export function readImportStyle(text: string, shape: ModuleShape): ImportStyle {
  return {
    quote: shape.statements[0]?.quote ?? commonQuote(text),
    semicolon: endsWithSemicolons(text, shape) ? ';' : '',
  }
}

function commonQuote(text: string): string {
  const single = text.match(/'[^'"\r\n]*'/g)?.length ?? 0
  const double = text.match(/"[^'"\r\n]*"/g)?.length ?? 0
  return double > single ? '"' : "'"
}

const ENDS_WITH_SEMICOLON = new Set([
  'ImportDeclaration',
  'ExpressionStatement',
  'VariableDeclaration',
  'ExportAllDeclaration',
])

function endsWithSemicolons(text: string, { body }: ModuleShape): boolean {
  const telling = body.filter(({ type }) => ENDS_WITH_SEMICOLON.has(type))
  if (telling.length === 0) return /;[ \t]*\r?$/m.test(text)
  const withSemicolon = telling.filter(({ end }) => text.charAt(end - 1) === ';')
  return withSemicolon.length * 2 > telling.length
}
