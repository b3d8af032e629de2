import type { Ask, Catalog, Library, Program, Value } from '@ctx-fix/core'
import type { ParserServicesWithTypeInformation } from '@typescript-eslint/utils'
import { foreignSlot } from './foreign.js'
import { isPlatform, packageOf } from './packages.js'
import { receiversIn } from './receivers.js'

type Services = ParserServicesWithTypeInformation
export type Checker = ReturnType<Services['program']['getTypeChecker']>
export type Type = ReturnType<Checker['getTypeAtLocation']>
export type TsNode = Parameters<Checker['getTypeAtLocation']>[0]
type TsSymbol = NonNullable<Type['symbol']>

const nothing: readonly Value[] = []

/**
 * The resolver's last layer: what a value is by its declared type, as far as the catalog or an own class
 * has a word for it. Reads the checker through its objects only, so that any TypeScript serves. Asked only
 * about receivers of calls that could matter, as every question makes the checker work.
 */
export function askChecker({ program: ts }: Services, program: Program, catalog: Catalog): Ask {
  const checker = ts.getTypeChecker()
  const names = namesAsked(ts, program, catalog)
  const isForeign = (declaring: string) => {
    const pack = packageOf(declaring)
    if (pack === undefined) return /\.d\.[cm]?ts$/.test(declaring)
    return !isPlatform(pack) && !catalog.byTypePackage(pack)
  }
  const sources = new Map<string, { root: TsNode; asked: ReadonlySet<number> } | undefined>()
  const sourceOf = (path: string) => {
    if (!sources.has(path)) {
      const root = ts.getSourceFile(path)
      const facts = program.facts(path)
      // Of another text than the checker's, positions would mean something else.
      const isSame = root !== undefined && hasLines(root.getLineStarts(), facts.lineStarts)
      sources.set(path, isSame ? { root, asked: receiversIn(program, path, names) } : undefined)
    }
    return sources.get(path)
  }
  const nodeOf = (path: string, expr: number) => {
    const root = sourceOf(path)?.root
    const { start, end } = program.expr(path, expr)
    return root && nodeAt(root, start, end)
  }
  return {
    values(path, expr) {
      const node = sourceOf(path)?.asked.has(expr) === true ? nodeOf(path, expr) : undefined
      if (!node) return nothing
      const known = { checker, catalog, program }
      return unlessThrown(() => valuesOf(known, checker.getTypeAtLocation(node), 0)) ?? nothing
    },
    takes(path, call) {
      const node = nodeOf(path, call)
      return node && unlessThrown(() => foreignSlot(checker, node, isForeign))
    },
  }
}

/**
 * Names of members that a value can have of which the checker can say what it is: of the libraries whose types the
 * checker's program has, and of own classes.
 */
function namesAsked(
  ts: Services['program'],
  program: Program,
  catalog: Catalog,
): { has(name: string): boolean } {
  const packages = new Set(ts.getSourceFiles().map((each) => packageOf(each.fileName)))
  const isTyped = ({ modules, typePackages = [], globals }: Library) =>
    globals !== undefined || [...modules, ...typePackages].some((each) => packages.has(each))
  const typed = catalog.gateOf(catalog.libraries.filter(isTyped))
  const own = new Set<string>()
  const read = new Set<string>()
  const readOwn = () => {
    if (read.size < program.files.size)
      for (const [file, { classes }] of program.files) {
        if (read.has(file)) continue
        read.add(file)
        for (const { members } of classes) for (const { name } of members) own.add(name)
      }
    return own
  }
  return { has: (name) => typed.has(name) || (catalog.gate.has(name) && readOwn().has(name)) }
}

/**
 * The checker itself throws over a program whose host has no current directory, and typescript-eslint makes
 * such a one of a file that it parses a second time in one run (`createIsolatedProgram`). What the checker
 * cannot tell is judged by the syntax alone.
 */
function unlessThrown<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}

function hasLines(actual: readonly number[], expected: readonly number[]): boolean {
  return (
    actual.length === expected.length && actual.every((each, index) => each === expected[index])
  )
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

/** An entity by the name of the type that stands for it. */
function entityNamed(catalog: Catalog, library: Library, name: string): string | undefined {
  const [module = library.name] = library.modules
  const exported = /^class (\w+)$/.exec(catalog.exportOf(module, name) ?? '')?.[1]
  if (exported !== undefined) return exported
  return Object.hasOwn(library.entities, name) ? name : undefined
}
