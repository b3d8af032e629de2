import type { ParseResult } from 'oxc-parser'
import { parseFile } from './parse.js'

type Program = ParseResult['program']
export type Statement = Program['body'][number]
export type ImportDeclaration = Extract<Statement, { type: 'ImportDeclaration' }>

/** A binding inside the braces of an import or of a destructured `require`. */
export interface NamedBinding {
  readonly imported: string
  readonly local: string
  readonly typeOnly: boolean
  readonly start: number
  readonly end: number
}

/** A statement that takes names from a module: an `import`, or a top-level `require` of a literal. */
export interface ModuleStatement {
  readonly kind: 'import' | 'require'
  readonly module: string
  readonly start: number
  readonly end: number
  readonly quote: string
  /** `import type`. */
  readonly typeOnly: boolean
  /** Bindings in braces. Undefined where there are none, or where none can be added. */
  readonly named: readonly NamedBinding[] | undefined
  /** Where `, { name }` can be added: behind a lone default import. */
  readonly bracesAfter: number | undefined
  /** Loads the module and binds nothing. */
  readonly bare: boolean
}

/** What placing an import needs to know about a file. Depends on the file's text alone. */
export interface ModuleShape {
  readonly body: readonly Statement[]
  readonly comments: readonly { readonly start: number; readonly end: number }[]
  readonly statements: readonly ModuleStatement[]
  readonly commonjs: boolean
}

/** Reads the module statements at the top level of a file. */
export function readModuleShape(file: string, text: string): ModuleShape {
  const { program, module, comments } = parseFile(file, text)
  const statements = program.body.flatMap((statement) => readStatement(statement, text) ?? [])
  return {
    body: program.body,
    comments,
    statements,
    commonjs: isCommonJs(file, module.hasModuleSyntax),
  }
}

function isCommonJs(file: string, hasModuleSyntax: boolean): boolean {
  return file.endsWith('.cjs') || (/\.jsx?$/.test(file) && !hasModuleSyntax)
}

function readStatement(statement: Statement, text: string): ModuleStatement | undefined {
  if (statement.type === 'ImportDeclaration') return readImport(statement, text)
  if (statement.type === 'ExpressionStatement') {
    const module = requiredModule(statement.expression)
    return module && { ...requireStatement(statement, module, text), bare: true }
  }
  if (statement.type !== 'VariableDeclaration' || statement.declarations.length !== 1) return
  const declarator = statement.declarations[0]
  const module = declarator?.init && requiredModule(declarator.init)
  if (!module) return
  return { ...requireStatement(statement, module, text), named: patternBindings(declarator.id) }
}

function readImport(statement: ImportDeclaration, text: string): ModuleStatement {
  const typeOnly = statement.importKind === 'type'
  const named: NamedBinding[] = []
  for (const specifier of statement.specifiers) {
    if (specifier.type !== 'ImportSpecifier') continue
    const { imported, local, start, end } = specifier
    named.push({
      imported: imported.type === 'Literal' ? imported.value : imported.name,
      local: local.name,
      typeOnly: typeOnly || specifier.importKind === 'type',
      start,
      end,
    })
  }
  const [first] = statement.specifiers
  const isLoneDefault =
    statement.specifiers.length === 1 && first?.type === 'ImportDefaultSpecifier'
  return {
    kind: 'import',
    module: statement.source.value,
    start: statement.start,
    end: statement.end,
    quote: text.charAt(statement.source.start),
    typeOnly,
    named: named.length > 0 ? named : undefined,
    // `import type Default, { name }` is not allowed.
    bracesAfter: isLoneDefault && !typeOnly ? first.end : undefined,
    bare: statement.specifiers.length === 0 && !typeOnly,
  }
}

interface RequiredModule {
  readonly value: string
  readonly start: number
}

function requiredModule(node: { type: string }): RequiredModule | undefined {
  const call = node as Extract<
    Program['body'][number],
    { type: 'ExpressionStatement' }
  >['expression']
  if (call.type !== 'CallExpression' || call.callee.type !== 'Identifier') return
  const [argument] = call.arguments
  if (call.callee.name !== 'require' || argument?.type !== 'Literal') return
  return typeof argument.value === 'string'
    ? { value: argument.value, start: argument.start }
    : undefined
}

function requireStatement(
  { start, end }: Statement,
  module: RequiredModule,
  text: string,
): ModuleStatement {
  return {
    kind: 'require',
    module: module.value,
    start,
    end,
    quote: text.charAt(module.start),
    typeOnly: false,
    named: undefined,
    bracesAfter: undefined,
    bare: false,
  }
}

type Pattern = Extract<Statement, { type: 'VariableDeclaration' }>['declarations'][number]['id']

function patternBindings(pattern: Pattern): readonly NamedBinding[] | undefined {
  if (pattern.type !== 'ObjectPattern') return
  const bindings: NamedBinding[] = []
  for (const property of pattern.properties) {
    // Nothing may follow `...rest`, and a nested pattern or a default binds no plain name.
    if (property.type === 'RestElement') return
    const { key, value, start, end } = property
    if (key.type !== 'Identifier' || value.type !== 'Identifier') continue
    bindings.push({ imported: key.name, local: value.name, typeOnly: false, start, end })
  }
  // Behind a property that was skipped there may be no place to add to.
  return bindings.length === pattern.properties.length && bindings.length > 0 ? bindings : undefined
}
