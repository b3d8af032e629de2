import { append, placeBehind, type ImportNeed, type TextEdit } from '@ctx-fix/core'
import type { TSESTree } from '@typescript-eslint/utils'
import type { SourceCode } from '../host/eslint.js'

/** Edits that add named imports to the file, in its own style: quotes, semicolons, ESM or `require`. */
export function importEdits(
  sourceCode: SourceCode,
  file: string,
  needs: readonly ImportNeed[],
  commonjs: boolean,
): TextEdit[] {
  const modules = new Map<string, ImportNeed[]>()
  for (const need of needs) append(modules, need.module, need)
  const inserted: string[] = []
  const edits: TextEdit[] = []
  for (const [module, list] of modules) {
    if (list.every((each) => each.name === undefined)) {
      inserted.push(sideEffect(sourceCode.text, module, commonjs))
      continue
    }
    const names = list.map((each) => specifier(each, commonjs)).join(', ')
    const last = commonjs ? undefined : lastSpecifier(sourceCode.ast, module)
    if (last) edits.push({ file, start: last.range[1], end: last.range[1], text: `, ${names}` })
    else inserted.push(declaration(sourceCode.text, module, names, commonjs))
  }
  if (inserted.length > 0) edits.push(insertion(sourceCode, file, inserted))
  return edits
}

function specifier({ name = '', local }: ImportNeed, commonjs: boolean): string {
  if (local === undefined || local === name) return name
  return commonjs ? `${name}: ${local}` : `${name} as ${local}`
}

/** The last of the names that an import of the module brings in already. */
function lastSpecifier(
  program: TSESTree.Program,
  module: string,
): TSESTree.ImportSpecifier | undefined {
  for (const node of program.body) {
    if (!isImport(node) || node.source.value !== module) continue
    // espree has no `importKind`.
    if ((node.importKind as string | undefined) === 'type') continue
    const last = node.specifiers.at(-1)
    if (last && (last.type as string) === 'ImportSpecifier') return last as TSESTree.ImportSpecifier
  }
  return undefined
}

function isImport(node: TSESTree.Node): node is TSESTree.ImportDeclaration {
  return (node.type as string) === 'ImportDeclaration'
}

function declaration(text: string, module: string, names: string, commonjs: boolean): string {
  const { from, end } = styleOf(text, module)
  return commonjs
    ? `const { ${names} } = require(${from})${end}`
    : `import { ${names} } from ${from}${end}`
}

function sideEffect(text: string, module: string, commonjs: boolean): string {
  const { from, end } = styleOf(text, module)
  return commonjs ? `require(${from})${end}` : `import ${from}${end}`
}

function styleOf(text: string, module: string): { from: string; end: string } {
  const quote = quoteOf(text)
  return { from: `${quote}${module}${quote}`, end: /;[ \t]*\r?$/m.test(text) ? ';' : '' }
}

function quoteOf(text: string): string {
  const [, quote] = /(?:from|require\(|import)\s*(["'])/.exec(text) ?? /(["'])/.exec(text) ?? []
  return quote ?? "'"
}

/** Behind the last import, or at the top: below a shebang, directives and the comment that opens the file. */
function insertion({ ast, text }: SourceCode, file: string, lines: readonly string[]): TextEdit {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const last = ast.body.findLast((node) => isImport(node) || isRequire(node) || isDirective(node))
  if (last) {
    const { offset, before, after } = placeBehind(text, last.range[1])
    const written = before + lines.join('\n') + after
    return { file, start: offset, end: offset, text: written.replaceAll('\n', newline) }
  }
  const shebang = /^#!.*\r?\n/.exec(text)?.[0].length ?? 0
  const first = ast.body[0]?.range[0] ?? shebang
  const at = text.slice(shebang, first).includes(`${newline}${newline}`) ? first : shebang
  return { file, start: at, end: at, text: lines.map((each) => each + newline).join('') }
}

function isDirective(node: TSESTree.Node): boolean {
  return 'directive' in node && typeof node.directive === 'string'
}

/** `const a = require('a')` at the top of a CommonJS file. */
function isRequire(node: TSESTree.Node): boolean {
  if ((node.type as string) !== 'VariableDeclaration') return false
  const { declarations } = node as TSESTree.VariableDeclaration
  return declarations.some(({ init }) => {
    const call = init as TSESTree.CallExpression | null
    return (
      (call?.type as string | undefined) === 'CallExpression' &&
      (call?.callee as TSESTree.Identifier).name === 'require'
    )
  })
}
