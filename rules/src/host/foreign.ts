import type { ForeignSlot } from '@ctx-fix/core'
import { isPlatform, packageOf } from './packages.js'
import type { Checker, TsNode, Type } from './typed.js'

type Signature = NonNullable<ReturnType<Checker['getResolvedSignature']>>
type Parameter = Signature['parameters'][number]
type Declaration = NonNullable<Parameter['declarations']>[number]
type CallLike = Parameters<Checker['getResolvedSignature']>[0]

/** Names that packages give the option: others hold a signal of another kind, or one for something else. */
const keys = ['signal', 'abortSignal']

/**
 * Where a call could be given a signal by its types: by the signature that it has, or by one that begins with the
 * same parameters. Undefined where the function is declared in the program itself or by the platform.
 */
export function foreignSlot(
  checker: Checker,
  node: TsNode,
  isForeign: (declaring: string) => boolean,
): ForeignSlot | undefined {
  if (!isCall(node)) return undefined
  const resolved = checker.getResolvedSignature(node)
  const declaring = resolved?.getDeclaration() as Declaration | undefined
  if (!resolved || !declaring || !isForeign(declaring.getSourceFile().fileName)) return undefined
  const given = node.arguments?.length ?? 0
  const others = checker
    .getTypeAtLocation(node.expression)
    .getCallSignatures()
    .filter((each) => beginsAlike(each, resolved, given))
  for (const each of [resolved, ...others]) {
    const slot = slotIn(checker, node, each, given, each !== resolved)
    if (slot) return slot
  }
  return undefined
}

function isCall(node: TsNode): node is CallLike & {
  readonly arguments?: readonly TsNode[]
  readonly expression: TsNode
} {
  return 'arguments' in node && 'expression' in node
}

function beginsAlike(one: Signature, other: Signature, given: number): boolean {
  return Array.from({ length: given }).every(
    (_, index) => one.parameters[index]?.name === other.parameters[index]?.name,
  )
}

function slotIn(
  checker: Checker,
  node: TsNode,
  { parameters }: Signature,
  given: number,
  /** Of another overload the next parameter need not be optional. */
  isOther: boolean,
): ForeignSlot | undefined {
  for (const [index, parameter] of parameters.entries()) {
    const declaration = parameter.valueDeclaration ?? parameter.declarations?.[0]
    // Behind a rest parameter nothing has a place of its own.
    if (!declaration || ('dotDotDotToken' in declaration && declaration.dotDotDotToken))
      return undefined
    const type = checker.getTypeOfSymbolAtLocation(parameter, node)
    const isOptional = mayBeLeftOut(declaration)
    if (index >= given && !isOptional && !(isOther && index === given)) return undefined
    if (isSignalType(checker, type)) {
      // What has to be given, and is, was the caller's choice.
      if (index < given) return undefined
      return { kind: 'argument', index, accepts: accepted(checker, type, isOptional) }
    }
    const option = optionIn(checker, node, type)
    if (option) return { kind: 'option', index, ...option }
  }
  return undefined
}

function optionIn(
  checker: Checker,
  node: TsNode,
  type: Type,
): { key: string; accepts: ForeignSlot['accepts']; exact: boolean } | undefined {
  for (const part of partsOf(type)) {
    for (const key of keys) {
      const property = part.getProperty(key)
      const declaration = property?.valueDeclaration ?? property?.declarations?.[0]
      if (!property || !declaration || !mayBeLeftOut(declaration)) continue
      const held = checker.getTypeOfSymbolAtLocation(property, node)
      if (!isSignalType(checker, held)) continue
      const written = 'type' in declaration ? (declaration.type as TsNode | undefined) : undefined
      const exact = written !== undefined && !/\bundefined\b/.test(written.getText())
      return { key, accepts: accepted(checker, held, true), exact }
    }
  }
  return undefined
}

function mayBeLeftOut(declaration: Declaration): boolean {
  return (
    ('questionToken' in declaration && declaration.questionToken !== undefined) ||
    ('initializer' in declaration && declaration.initializer !== undefined)
  )
}

function partsOf(type: Type): readonly Type[] {
  return type.isUnion() ? type.types : [type]
}

function isSignalType(checker: Checker, type: Type): boolean {
  return partsOf(checker.getNonNullableType(type)).some((each) => {
    const symbol = each.getSymbol()
    const path = symbol?.declarations?.[0]?.getSourceFile().fileName
    return symbol?.name === 'AbortSignal' && path !== undefined && isPlatform(packageOf(path) ?? '')
  })
}

function accepted(checker: Checker, type: Type, isOptional: boolean): ForeignSlot['accepts'] {
  const parts = partsOf(type).map((each) => checker.typeToString(each))
  return { undefined: isOptional || parts.includes('undefined'), null: parts.includes('null') }
}
