import type { Builder, Place } from './builder.js'
import { readClass } from './classes.js'
import { nameFunction, readExpression } from './expressions.js'
import { readFunction } from './functions.js'
import { readStatement } from './statements.js'
import { dottedName, keyName } from './type-expressions.js'

/** Imports and exports, with what is declared in them. */
export function readModuleStatement<N>(b: Builder<N>, node: N, place: Place): void {
  const shape = b.shape(node)
  b.esm = true
  switch (shape.type) {
    case 'ImportDeclaration': {
      const module = moduleName(b, shape.source)
      for (const each of shape.specifiers) readImport(b, each, place, module, shape.importKind)
      return
    }
    case 'TSImportEqualsDeclaration': {
      const reference = b.shape(shape.moduleReference)
      if (reference.type !== 'TSExternalModuleReference') return
      const module = moduleName(b, reference.expression)
      const name = dottedName(b, shape.id)[0] ?? ''
      const ref = { module, name: 'export=', typeOnly: false }
      b.addBinding(name, place.scope, 'import', b.span(shape.id), { import: ref })
      return
    }
    case 'ExportNamedDeclaration':
      readNamedExport(b, shape, place)
      return
    case 'ExportAllDeclaration': {
      const module = moduleName(b, shape.source)
      if (shape.exported)
        b.exports.push({
          name: keyName(b, shape.exported, false) ?? '',
          kind: 'from',
          module,
          imported: '*',
        })
      else b.stars.push(module)
      return
    }
    case 'ExportDefaultDeclaration':
      readDefaultExport(b, shape.declaration, place)
      return
    case 'TSExportAssignment':
      b.exports.push({
        name: 'export=',
        kind: 'expr',
        expr: readExpression(b, shape.expression, place),
      })
      return
    default:
      return
  }
}

function moduleName<N>(b: Builder<N>, node: N): string {
  const shape = b.shape(node)
  const module = shape.type === 'Literal' && typeof shape.value === 'string' ? shape.value : ''
  b.modules.add(module)
  return module
}

function readImport<N>(
  b: Builder<N>,
  node: N,
  place: Place,
  module: string,
  kind: string | undefined,
): void {
  const shape = b.shape(node)
  if (
    shape.type !== 'ImportSpecifier' &&
    shape.type !== 'ImportDefaultSpecifier' &&
    shape.type !== 'ImportNamespaceSpecifier'
  )
    return
  const name =
    shape.type === 'ImportSpecifier'
      ? (keyName(b, shape.imported, false) ?? '')
      : shape.type === 'ImportDefaultSpecifier'
        ? 'default'
        : '*'
  const typeOnly =
    kind === 'type' || (shape.type === 'ImportSpecifier' && shape.importKind === 'type')
  const local = dottedName(b, shape.local)[0] ?? ''
  b.addBinding(local, place.scope, 'import', b.span(node), { import: { module, name, typeOnly } })
}

function readNamedExport<N>(
  b: Builder<N>,
  shape: { declaration?: N | null; source?: N | null; specifiers: readonly N[] },
  place: Place,
): void {
  if (shape.declaration) {
    const firstType = b.typeDecls.length
    const firstBinding = b.bindings.length
    readStatement(b, shape.declaration, place)
    for (const name of declaredNames(b, shape.declaration, firstBinding, place, firstType))
      b.exports.push({ name, kind: 'local', local: name })
    return
  }
  const module = shape.source ? moduleName(b, shape.source) : undefined
  for (const each of shape.specifiers) {
    const specifier = b.shape(each)
    if (specifier.type !== 'ExportSpecifier') continue
    const local = keyName(b, specifier.local, false) ?? ''
    const name = keyName(b, specifier.exported, false) ?? ''
    b.exports.push(
      module === undefined
        ? { name, kind: 'local', local }
        : { name, kind: 'from', module, imported: local },
    )
  }
}

function declaredNames<N>(
  b: Builder<N>,
  node: N,
  firstBinding: number,
  place: Place,
  firstType: number,
): string[] {
  const shape = b.shape(node)
  if ((shape.type === 'FunctionDeclaration' || shape.type === 'TSDeclareFunction') && shape.id)
    return dottedName(b, shape.id).slice(0, 1)
  // Nested scopes declare names too; only those of this scope are exported.
  const added = [...b.bindings.slice(firstBinding), ...b.typeDecls.slice(firstType)]
  const own = added.filter((each) => each.scope === place.scope)
  return [...new Set(own.map((each) => each.name))]
}

function readDefaultExport<N>(b: Builder<N>, declaration: N, place: Place): void {
  const shape = b.shape(declaration)
  if (shape.type === 'FunctionDeclaration' || shape.type === 'TSDeclareFunction') {
    const fn = readFunction(b, declaration, place)
    const name = b.functions[fn]?.name
    const local = name === undefined || name === '' ? '*default*' : name
    b.addBinding(local, place.scope, 'function', b.span(declaration), {}).fns.push(fn)
    b.exports.push({ name: 'default', kind: 'local', local })
  } else if (shape.type === 'ClassDeclaration') {
    const cls = readClass(b, declaration, place)
    const local = b.classes[cls]?.name === '' ? '*default*' : (b.classes[cls]?.name ?? '')
    b.addBinding(local, place.scope, 'class', b.span(declaration), { cls })
    b.exports.push({ name: 'default', kind: 'local', local })
  } else if (shape.type === 'TSInterfaceDeclaration') {
    readStatement(b, declaration, place)
    const name = dottedName(b, shape.id)[0] ?? ''
    b.exports.push({ name: 'default', kind: 'local', local: name })
  } else {
    const expr = readExpression(b, declaration, place)
    nameFunction(b, expr, 'default')
    b.exports.push({ name: 'default', kind: 'expr', expr })
  }
}
