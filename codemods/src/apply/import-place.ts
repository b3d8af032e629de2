import { placeBehind, type LinePlace } from '@ctx-fix/core'
import type { ModuleShape } from './module-shape.js'

/** Comments about the whole file, which an import must not come before. */
const FILE_COMMENT =
  /^\/\*!|^\/\/\/|@license|@preserve|@ts-(no)?check|@file|@flow|@jest-|@vitest-|@jsx|eslint-(en|dis)able(?!-)|prettier-|copyright|licen[cs]e/i

/**
 * Finds the place for a new import: after the last one, else at the top of the file, after the
 * interpreter line, comments about the whole file and directives such as 'use strict'.
 *
 * Of `require` calls only the leading run counts: one further down may come after code that already
 * needs the names.
 */
export function findImportPlace(text: string, shape: ModuleShape): LinePlace {
  const last = shape.commonjs ? lastLeadingRequire(shape) : lastImport(shape)
  if (last !== undefined) return placeBehind(text, last)
  const directive = shape.body.findLast(isDirective)
  const next = firstAfterHeader(text, shape, directive?.end)
  if (next !== undefined) return { offset: next, before: '', after: '\n\n' }
  if (directive) return placeBehind(text, directive.end)
  const offset = text.length
  return { offset, before: text === '' || text.endsWith('\n') ? '' : '\n', after: '\n' }
}

function lastImport({ body }: ModuleShape): number | undefined {
  return body.findLast(
    ({ type }) => type === 'ImportDeclaration' || type === 'TSImportEqualsDeclaration',
  )?.end
}

function lastLeadingRequire({ body, statements }: ModuleShape): number | undefined {
  const requires = new Set(statements.map((statement) => statement.end))
  let last: number | undefined
  for (const statement of body) {
    if (isDirective(statement)) continue
    if (!requires.has(statement.end)) break
    last = statement.end
  }
  return last
}

function firstAfterHeader(
  text: string,
  { body, comments }: ModuleShape,
  headerEnd = 0,
): number | undefined {
  const first = body.find((statement) => statement.start >= headerEnd)
  const leading = comments.filter(
    ({ start }) =>
      start >= headerEnd &&
      start < (first?.start ?? Infinity) &&
      // Behind the directive, on its line.
      (headerEnd === 0 || text.slice(headerEnd, start).includes('\n')),
  )
  const items = first ? [...leading, first] : leading
  const isAboutFile = ({ start, end }: { start: number; end: number }, index: number) => {
    const next = items[index + 1]?.start ?? text.length
    return /\n[ \t]*\r?\n/.test(text.slice(end, next)) || FILE_COMMENT.test(text.slice(start, end))
  }
  const header = leading.findLastIndex(isAboutFile)
  return items[header + 1]?.start
}

function isDirective(statement: ModuleShape['body'][number]): boolean {
  return statement.type === 'ExpressionStatement' && typeof statement.directive === 'string'
}
