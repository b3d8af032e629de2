import type { Shape } from '../shape.js'
import type { TsNode } from './node.js'
import type { Read, Reader } from './reader.js'
import { objectMethod } from './functions.js'
import { assignedPattern } from './statements.js'

/** Set in `templateFlags` where an escape is not valid: only a tag may see such text. */
const INVALID_ESCAPE = 1 << 11

const literal =
  (value: (node: TsNode) => unknown): Read =>
  (_r, node) => ({ type: 'Literal', value: value(node) })

const call =
  (type: 'CallExpression' | 'NewExpression'): Read =>
  (r, node) => {
    const args = (node.arguments ?? []).map((each) => r.bare(each))
    if (r.kind(node.expression) === 'ImportKeyword')
      return args[0] ? { type: 'ImportExpression', source: args[0] } : { type: 'Other' }
    return {
      type,
      callee: r.need(node, node.expression),
      arguments: args,
      optional: node.questionDotToken !== undefined,
      typeArguments: r.typeArguments(node),
    }
  }

const cast =
  (type: 'TSAsExpression' | 'TSSatisfiesExpression' | 'TSTypeAssertion'): Read =>
  (r, node) => ({
    type,
    expression: r.need(node, node.expression),
    typeAnnotation: r.need(node, node.type),
  })

const spread: Read = (r, node) => ({
  type: 'SpreadElement',
  argument: r.need(node, node.expression),
})

const unary =
  (operator: string): Read =>
  (r, node) => ({ type: 'UnaryExpression', operator, argument: r.need(node, node.expression) })

const binary: Read = (r, node) => {
  const token = node.operatorToken
  const operator = token ? r.text.slice(r.start(token), token.end) : ''
  const left = r.need(node, node.left)
  const right = r.need(node, node.right)
  if (operator === ',') return { type: 'SequenceExpression', expressions: commaList(r, node) }
  if (operator === '&&' || operator === '||' || operator === '??')
    return { type: 'LogicalExpression', operator, left, right }
  if (/^(?!(?:[=!]==?|[<>]=)$).*=$/.test(operator))
    return {
      type: 'AssignmentExpression',
      operator,
      left: operator === '=' ? assignedPattern(r, left) : left,
      right,
    }
  return { type: 'BinaryExpression', operator, left, right }
}

/** `a, b, c` is one list in ESTree and a tree of pairs in TypeScript. */
function commaList(r: Reader, node: TsNode): readonly TsNode[] {
  const { left } = node
  const isNested =
    r.kind(left) === 'BinaryExpression' && r.kind(left?.operatorToken) === 'CommaToken'
  return [
    ...(isNested && left ? commaList(r, left) : [r.need(node, left)]),
    r.need(node, node.right),
  ]
}

function templateElement(r: Reader, node: TsNode): TsNode {
  const isInvalid = ((node.templateFlags ?? 0) & INVALID_ESCAPE) !== 0
  const raw = node.rawText ?? node.text ?? ''
  const cooked = isInvalid ? null : (node.text ?? '')
  return r.over(node, { type: 'TemplateElement', value: { cooked, raw } })
}

const template: Read = (r, node) => {
  const spans = node.templateSpans ?? []
  const texts = [node.head ?? node, ...spans.flatMap((each) => each.literal ?? [])]
  return {
    type: 'TemplateLiteral',
    quasis: texts.map((each) => templateElement(r, each)),
    expressions: spans.map((each) => r.need(each, each.expression)),
  }
}

const property: Read = (r, node) => {
  const { key, computed } = r.key(node)
  const shorthand = node.initializer === undefined
  const value = node.initializer ? r.bare(node.initializer) : key
  return { type: 'Property', key, value, computed, shorthand, method: false, kind: 'init' }
}

/** Methods are read as members of a class unless the object literal around them says otherwise. */
function objectProperties(r: Reader, node: TsNode): readonly TsNode[] {
  return (node.properties ?? []).map((each) =>
    /^(?:MethodDeclaration|GetAccessor|SetAccessor)$/.test(r.kind(each))
      ? r.over(each, objectMethod(r, each))
      : each,
  )
}

const prefix: Read = (r, node) => {
  const operator = r.text[r.start(node)] ?? ''
  // `++x` changes its operand; ESTree calls that an update, which the engine does not interpret.
  return /^(?:PlusPlus|MinusMinus)/.test(r.kindName(node.operator))
    ? { type: 'Other' }
    : { type: 'UnaryExpression', operator, argument: r.need(node, node.operand) }
}

const self = (type: 'ThisExpression' | 'Super'): Read => {
  const shape: Shape<TsNode> = { type }
  return () => shape
}

export const expressions: Readonly<Record<string, Read>> = {
  Identifier: (_r, node) => ({ type: 'Identifier', name: node.text ?? '' }),
  PrivateIdentifier: (_r, node) => ({
    type: 'PrivateIdentifier',
    name: (node.text ?? '').slice(1),
  }),
  ThisKeyword: self('ThisExpression'),
  SuperKeyword: self('Super'),
  StringLiteral: literal((node) => node.text),
  NumericLiteral: literal((node) => Number(node.text)),
  BigIntLiteral: literal((node) => BigInt((node.text ?? '0').replace(/n$/, ''))),
  RegularExpressionLiteral: literal(() => undefined),
  TrueKeyword: literal(() => true),
  FalseKeyword: literal(() => false),
  NullKeyword: literal(() => null),
  NoSubstitutionTemplateLiteral: template,
  TemplateExpression: template,
  TaggedTemplateExpression: (r, node) => ({
    type: 'TaggedTemplateExpression',
    tag: r.need(node, node.tag),
    quasi: r.need(node, node.template),
    typeArguments: r.typeArguments(node),
  }),
  PropertyAccessExpression: (r, node) => ({
    type: 'MemberExpression',
    object: r.need(node, node.expression),
    property: r.need(node, node.name),
    computed: false,
    optional: node.questionDotToken !== undefined,
  }),
  ElementAccessExpression: (r, node) => ({
    type: 'MemberExpression',
    object: r.need(node, node.expression),
    property: r.need(node, node.argumentExpression),
    computed: true,
    optional: node.questionDotToken !== undefined,
  }),
  CallExpression: call('CallExpression'),
  NewExpression: call('NewExpression'),
  AsExpression: cast('TSAsExpression'),
  SatisfiesExpression: cast('TSSatisfiesExpression'),
  TypeAssertionExpression: cast('TSTypeAssertion'),
  ParenthesizedExpression: (r, node) => ({
    type: 'ParenthesizedExpression',
    expression: r.need(node, node.expression),
  }),
  NonNullExpression: (r, node) => ({
    type: 'TSNonNullExpression',
    expression: r.need(node, node.expression),
  }),
  ExpressionWithTypeArguments: (r, node) => ({
    type: 'TSInstantiationExpression',
    expression: r.need(node, node.expression),
  }),
  AwaitExpression: (r, node) => ({
    type: 'AwaitExpression',
    argument: r.need(node, node.expression),
  }),
  YieldExpression: (r, node) => ({
    type: 'YieldExpression',
    argument: r.maybe(node.expression),
    delegate: node.asteriskToken !== undefined,
  }),
  PrefixUnaryExpression: prefix,
  TypeOfExpression: unary('typeof'),
  VoidExpression: unary('void'),
  DeleteExpression: unary('delete'),
  BinaryExpression: binary,
  ConditionalExpression: (r, node) => ({
    type: 'ConditionalExpression',
    test: r.need(node, node.condition),
    consequent: r.need(node, node.whenTrue),
    alternate: r.need(node, node.whenFalse),
  }),
  ArrayLiteralExpression: (r, node) => ({
    type: 'ArrayExpression',
    elements: (node.elements ?? []).map((each) =>
      r.kind(each) === 'OmittedExpression' ? null : r.bare(each),
    ),
  }),
  ObjectLiteralExpression: (r, node) => ({
    type: 'ObjectExpression',
    properties: objectProperties(r, node),
  }),
  PropertyAssignment: property,
  ShorthandPropertyAssignment: property,
  SpreadElement: spread,
  SpreadAssignment: spread,
}
