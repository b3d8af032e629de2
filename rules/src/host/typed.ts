import type { Ask, Catalog, EstreeNode, Library, Program, Value } from '@ctx-fix/core'
import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'

type Services = ParserServicesWithTypeInformation
type Checker = ReturnType<Services['program']['getTypeChecker']>
type Type = ReturnType<Checker['getTypeAtLocation']>
type TsNode = Parameters<Checker['getTypeAtLocation']>[0]
type TsSymbol = NonNullable<Type['symbol']>

/** What the type checker is asked about: the linted file, with the host's node of each expression. */
export interface TypedFile {
  readonly path: string
  readonly nodes: readonly EstreeNode[]
  readonly services: Services
}

const nothing: readonly Value[] = []

/**
 * The resolver's last layer: what a value is by its declared type, as far as the catalog or an own class
 * has a word for it. Reads the checker through its objects only, so that any TypeScript serves.
 */
export function askChecker(file: TypedFile, program: Program, catalog: Catalog): Ask {
  const { services } = file
  const checker = services.program.getTypeChecker()
  return (path, expr) => {
    const node =
      path === file.path ? ownNode(file, expr) : foreignNode(services, program, path, expr)
    if (!node) return nothing
    return valuesOf({ checker, catalog, program }, checker.getTypeAtLocation(node), 0)
  }
}

function ownNode({ nodes, services }: TypedFile, expr: number): TsNode | undefined {
  const node = nodes[expr]
  if (!node) return undefined
  // Nodes that the adapter made up have no counterpart.
  return services.esTreeNodeToTSNodeMap.get(node as never) as TsNode | undefined
}

/** Files that were parsed here are known to the checker by position alone. */
function foreignNode(
  { program: ts }: Services,
  program: Program,
  path: string,
  expr: number,
): TsNode | undefined {
  const source = ts.getSourceFile(path)
  const { start, end } = program.expr(path, expr)
  // Another text than the checker's: positions would mean something else.
  if (!source || source.text.length < end) return undefined
  return nodeAt(source, start, end)
}

function nodeAt(root: TsNode, start: number, end: number): TsNode | undefined {
  let found: TsNode | undefined
  for (let at: TsNode | undefined = root; at;) {
    const inner: TsNode | undefined = at.forEachChild((child) =>
      child.pos <= start && end <= child.end ? child : undefined,
    )
    if (inner?.end === end && inner.getStart() === start) found = inner
    at = inner
  }
  return found
}

interface Known {
  readonly checker: Checker
  readonly catalog: Catalog
  readonly program: Program
}

function valuesOf(known: Known, type: Type, depth: number): readonly Value[] {
  if (depth > 4) return nothing
  if (type.isUnionOrIntersection())
    return type.types.slice(0, 12).flatMap((each) => valuesOf(known, each, depth + 1))
  const symbol = type.symbol as TsSymbol | undefined
  if (!symbol) return nothing
  const name = symbol.getName()
  if (name === 'Promise' || name === 'Array' || name === 'ReadonlyArray') {
    const [of] = known.checker.getTypeArguments(type as never)
    const values = of ? valuesOf(known, of, depth + 1) : nothing
    if (values.length === 0) return nothing
    return [{ k: name === 'Promise' ? 'promise' : 'array', of: values, by: 'type' }]
  }
  for (const declaration of symbol.getDeclarations() ?? []) {
    const path = declaration.getSourceFile().fileName
    const own = known.program.files.has(path) ? ownClass(known, path, declaration) : undefined
    const found = own ?? libraryValue(known.catalog, path, name)
    if (found) return [found]
  }
  // A type of one's own that extends a library's.
  return (type.getBaseTypes() ?? []).flatMap((each) => valuesOf(known, each, depth + 1))
}

function ownClass(
  { program }: Known,
  file: string,
  declaration: { getStart(): number; readonly end: number },
): Value | undefined {
  const cls = program.facts(file).classes.find((each) => each.end === declaration.end)
  return cls && { k: 'inst', file, cls: cls.id, args: [], by: 'type' }
}

function libraryValue(catalog: Catalog, path: string, name: string): Value | undefined {
  const pack = packageOf(path)
  if (pack === undefined) return undefined
  const library = catalog.byTypePackage(pack)
  const entity = library && entityNamed(catalog, library, name)
  if (library && entity !== undefined)
    return { k: 'lib', lib: library, entity, args: [], by: 'type' }
  const global = isPlatform(pack) ? catalog.global(name) : undefined
  const declared = /^class (\w+)$/.exec(global?.descriptor ?? '')?.[1]
  return global && declared !== undefined
    ? { k: 'lib', lib: global.library, entity: declared, args: [], by: 'type' }
    : undefined
}

function isPlatform(pack: string): boolean {
  return pack === 'typescript' || pack === '@types/node' || pack === 'undici-types'
}

/** An entity by the name of the type that stands for it. */
function entityNamed(catalog: Catalog, library: Library, name: string): string | undefined {
  const [module = library.name] = library.modules
  const exported = /^class (\w+)$/.exec(catalog.exportOf(module, name) ?? '')?.[1]
  if (exported !== undefined) return exported
  return Object.hasOwn(library.entities, name) ? name : undefined
}

/** The package that a declaration file belongs to: behind the last `node_modules`. */
function packageOf(path: string): string | undefined {
  const [, scope, name] = /.*\/node_modules\/(?:(@[^/]+)\/)?([^/]+)\//.exec(path) ?? []
  if (name === undefined) return undefined
  return scope === undefined ? name : `${scope}/${name}`
}
