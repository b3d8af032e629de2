import type { ts } from 'ts-morph'
import type { Place } from '../problem.js'
import type { TypeScript } from './compiler.js'
import { nodeCovering } from './nodes.js'

/** Enough to find the cause; a problem on a huge expression is left to bisection. */
const MAX_IDENTIFIERS = 30

/**
 * Where the cause of a complaint may lie, likeliest first: what it refers to, the statement or the
 * head of the declaration around it, the declarations of what is named there, and the members of the
 * types that meet there.
 */
export function suspectPlaces(
  ts: TypeScript,
  checker: ts.TypeChecker,
  diagnostic: ts.DiagnosticWithLocation,
): Place[][] {
  const { file, start, length } = diagnostic
  const node = nodeCovering(ts, file, start, start + length)
  const symbols = symbolsIn(ts, checker, node)
  const declarations = symbols.flatMap((symbol) => symbol.declarations ?? [])
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
  return [
    relatedPlaces(diagnostic),
    surroundings(ts, node),
    declarations.flatMap((declaration) => headOf(ts, declaration) ?? []),
    memberPlaces(ts, checker, node, message),
    declarations.flatMap((declaration) => inferredBody(ts, declaration) ?? []),
  ]
}

function relatedPlaces({ relatedInformation = [] }: ts.Diagnostic): Place[] {
  return relatedInformation.flatMap(({ file, start, length }) =>
    file && start !== undefined ? [place(file, start, start + (length ?? 0))] : [],
  )
}

/** The nodes around, out to the statement; of a declaration only what comes before its body. */
function surroundings(ts: TypeScript, innermost: ts.Node): Place[] {
  const places: Place[] = []
  for (let node = innermost; !ts.isSourceFile(node); node = node.parent) {
    const head = headOf(ts, node)
    places.push(head ?? place(node.getSourceFile(), node.getStart(), node.end))
    if (head || ts.isStatement(node) || ts.isClassElement(node)) break
  }
  return places
}

function symbolsIn(ts: TypeScript, checker: ts.TypeChecker, node: ts.Node): ts.Symbol[] {
  const symbols = new Set<ts.Symbol>()
  const visit = (inner: ts.Node): void => {
    if (symbols.size >= MAX_IDENTIFIERS) return
    if (ts.isIdentifier(inner)) {
      const symbol = checker.getSymbolAtLocation(inner)
      if (symbol) {
        symbols.add(symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol)
      }
    }
    ts.forEachChild(inner, visit)
  }
  visit(node)
  const call = ts.findAncestor(node, (ancestor): ancestor is ts.CallExpression =>
    ts.isCallExpression(ancestor),
  )
  const called = call && checker.getSymbolAtLocation(nameOfCallee(ts, call.expression))
  if (called) symbols.add(called)
  return [...symbols]
}

function nameOfCallee(ts: TypeScript, callee: ts.Expression): ts.Node {
  return ts.isPropertyAccessExpression(callee) ? callee.name : callee
}

/** A function's or method's declaration without its body. */
function headOf(ts: TypeScript, declaration: ts.Node): Place | undefined {
  const callable = callableOf(ts, declaration)
  if (!callable) return
  const body = (callable as { body?: ts.Node }).body
  return place(
    declaration.getSourceFile(),
    declaration.getStart(),
    body ? body.getStart() : declaration.end,
  )
}

/** The body of a function whose return type is inferred from it, or a variable's initialiser. */
function inferredBody(ts: TypeScript, declaration: ts.Node): Place | undefined {
  const callable = callableOf(ts, declaration)
  const { body, initializer } = (callable ?? declaration) as {
    body?: ts.Node
    initializer?: ts.Node
  }
  const inferred = body ?? initializer
  if (!inferred || callable?.type) return
  return place(declaration.getSourceFile(), inferred.getStart(), inferred.end)
}

function callableOf(ts: TypeScript, declaration: ts.Node): ts.SignatureDeclaration | undefined {
  if (ts.isFunctionLike(declaration)) return declaration
  const { initializer, type } = declaration as { initializer?: ts.Node; type?: ts.Node }
  return [initializer, type].find((node) => ts.isFunctionLike(node))
}

/** Members of the types that meet at a node; those that the message names come first. */
function memberPlaces(
  ts: TypeScript,
  checker: ts.TypeChecker,
  node: ts.Node,
  message: string,
): Place[] {
  const isNamed = (member: ts.Declaration) => {
    const name = ts.getNameOfDeclaration(member)?.getText()
    return name !== undefined && message.includes(`'${name}'`)
  }
  const members = typesAt(ts, checker, node)
    // The interface of the compiler says that every type has a symbol; `string` has none.
    .flatMap((type): (ts.Symbol | undefined)[] => [type.symbol, type.aliasSymbol])
    .flatMap((symbol) => symbol?.declarations ?? [])
    .flatMap((declaration) => membersOf(ts, declaration))
  const named = members.filter(isNamed)
  return [...named, ...members.filter((member) => !named.includes(member))].map(
    (member) => headOf(ts, member) ?? place(member.getSourceFile(), member.getStart(), member.end),
  )
}

function typesAt(ts: TypeScript, checker: ts.TypeChecker, node: ts.Node): ts.Type[] {
  const types = [checker.getTypeAtLocation(node)]
  const contextual = ts.isExpression(node) ? checker.getContextualType(node) : undefined
  if (contextual) types.push(contextual)
  const { parent } = node as { parent?: ts.Node }
  if (parent && (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent))) {
    if (parent.initializer) types.push(checker.getTypeAtLocation(parent.initializer))
  }
  if (parent && ts.isClassLike(parent)) {
    for (const { types: heritage } of parent.heritageClauses ?? []) {
      types.push(...heritage.map((type) => checker.getTypeAtLocation(type)))
    }
  }
  return types.flatMap((type) => (type.isUnionOrIntersection() ? type.types : [type]))
}

function membersOf(ts: TypeScript, declaration: ts.Declaration): readonly ts.Declaration[] {
  if (ts.isClassLike(declaration) || ts.isInterfaceDeclaration(declaration)) {
    return declaration.members
  }
  if (ts.isTypeLiteralNode(declaration)) return declaration.members
  return ts.isObjectLiteralExpression(declaration) ? declaration.properties : [declaration]
}

function place({ fileName }: ts.SourceFile, start: number, end: number): Place {
  return { file: fileName, start, end }
}
