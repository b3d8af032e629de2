import type { TsNode } from './node.js'
import type { Read, Reader } from './reader.js'

function specifiers(r: Reader, clause: TsNode | undefined): readonly TsNode[] {
  if (!clause) return []
  const { name, namedBindings } = clause
  return [
    ...(name ? [r.over(name, { type: 'ImportDefaultSpecifier', local: name })] : []),
    ...(namedBindings && r.kind(namedBindings) === 'NamespaceImport'
      ? [namedBindings]
      : (namedBindings?.elements ?? [])),
  ]
}

const exportDeclaration: Read = (r, node) => {
  const { exportClause, moduleSpecifier } = node
  if (moduleSpecifier && (!exportClause || r.kind(exportClause) === 'NamespaceExport'))
    return {
      type: 'ExportAllDeclaration',
      source: moduleSpecifier,
      exported: exportClause?.name ?? null,
    }
  return {
    type: 'ExportNamedDeclaration',
    source: moduleSpecifier ?? null,
    specifiers: exportClause?.elements ?? [],
  }
}

/** Imports and exports that are statements in both trees. */
export const modules: Readonly<Record<string, Read>> = {
  ImportDeclaration: (r, node) => ({
    type: 'ImportDeclaration',
    source: r.need(node, node.moduleSpecifier),
    specifiers: specifiers(r, node.importClause),
    importKind: node.importClause?.isTypeOnly === true ? 'type' : 'value',
  }),
  NamespaceImport: (r, node) => ({
    type: 'ImportNamespaceSpecifier',
    local: r.need(node, node.name),
  }),
  ImportSpecifier: (r, node) => ({
    type: 'ImportSpecifier',
    imported: r.need(node, node.propertyName ?? node.name),
    local: r.need(node, node.name),
    importKind: node.isTypeOnly === true ? 'type' : 'value',
  }),
  ImportEqualsDeclaration: (r, node) => ({
    type: 'TSImportEqualsDeclaration',
    id: r.need(node, node.name),
    moduleReference: r.need(node, node.moduleReference),
  }),
  ExternalModuleReference: (r, node) => ({
    type: 'TSExternalModuleReference',
    expression: r.need(node, node.expression),
  }),
  ExportDeclaration: exportDeclaration,
  ExportSpecifier: (r, node) => ({
    type: 'ExportSpecifier',
    local: r.need(node, node.propertyName ?? node.name),
    exported: r.need(node, node.name),
  }),
  ExportAssignment: (r, node) =>
    node.isExportEquals === true
      ? { type: 'TSExportAssignment', expression: r.need(node, node.expression) }
      : { type: 'ExportDefaultDeclaration', declaration: r.need(node, node.expression) },
}
