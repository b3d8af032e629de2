import type { Builder, Mutable, Place } from './builder.js'
import { nameFunction, readExpression } from './expressions.js'
import { decoratorsOf } from './decorators.js'
import { readDecorators, readFunction, typeParameterScope } from './functions.js'
import { readStatements } from './statements.js'
import {
  dottedName,
  keyName,
  readOptionalType,
  readType,
  readTypeArguments,
} from './type-expressions.js'
import type { ClassId, Cls, FnKind } from './types.js'

export function readClass<N>(b: Builder<N>, node: N, place: Place): ClassId {
  const shape = b.shape(node)
  if (shape.type !== 'ClassDeclaration' && shape.type !== 'ClassExpression')
    throw new TypeError(`not a class: ${shape.type}`)
  const id = b.classes.length
  const { scope, names } = typeParameterScope(b, shape.typeParameters, place.scope, place.fn)
  const cls: Mutable<Cls> = {
    ...b.span(node),
    id,
    name: shape.id ? (dottedName(b, shape.id)[0] ?? '') : '',
    scope,
    extends: undefined,
    extendsArgs: [],
    implements: [],
    typeParams: names,
    members: [],
    decorators: [],
    fields: [],
  }
  b.classes.push(cls)
  // The name of an expression is known in the class alone: `const Repo = class Inner { … }`.
  if (shape.type === 'ClassExpression' && shape.id)
    b.addBinding(cls.name, scope, 'class', b.span(shape.id), { cls: id })
  const outer: Place = { ...place, scope }
  cls.decorators = readDecorators(b, decoratorsOf(shape), outer)
  if (shape.superClass) cls.extends = readExpression(b, shape.superClass, outer)
  cls.extendsArgs = readTypeArguments(
    b,
    shape.superTypeArguments ?? shape.superTypeParameters,
    scope,
  )
  cls.implements = (shape.implements ?? []).map((each) => readType(b, each, scope))
  const body = b.shape(shape.body)
  const inner: Place = { ...outer, cls: id }
  if (body.type === 'ClassBody')
    for (const each of body.body) {
      b.statements.push({ ...b.span(each), declaration: true })
      readMember(b, each, inner, cls)
    }
  return id
}

function readMember<N>(b: Builder<N>, node: N, place: Place, cls: Mutable<Cls>): void {
  const shape = b.shape(node)
  switch (shape.type) {
    case 'MethodDefinition':
    case 'TSAbstractMethodDefinition': {
      if (shape.computed) readExpression(b, shape.key, place)
      const kind: FnKind =
        shape.kind === 'get'
          ? 'getter'
          : shape.kind === 'set'
            ? 'setter'
            : shape.kind === 'constructor'
              ? 'constructor'
              : 'method'
      const decorators = readDecorators(b, decoratorsOf(shape), place)
      const name = keyName(b, shape.key, shape.computed) ?? ''
      const fn = readFunction(b, shape.value, place, {
        name,
        kind,
        cls: cls.id,
        static: shape.static,
        decorators,
        from: b.syntax.end(shape.key),
      })
      cls.members.push({
        start: b.syntax.start(node),
        end: b.syntax.end(node),
        name,
        kind: kind,
        static: shape.static,
        abstract: shape.type === 'TSAbstractMethodDefinition',
        private: isPrivate(b, node, shape.key),
        optional: false,
        fn,
        value: undefined,
        type: undefined,
        decorators,
        fromParam: undefined,
      })
      if (kind === 'constructor') addParameterProperties(b, fn, cls)
      return
    }
    case 'PropertyDefinition':
    case 'TSAbstractPropertyDefinition':
    case 'AccessorProperty':
    case 'TSAbstractAccessorProperty': {
      if (shape.computed) readExpression(b, shape.key, place)
      const name = keyName(b, shape.key, shape.computed) ?? ''
      const type = readOptionalType(b, shape.typeAnnotation, place.scope)
      const decorators = readDecorators(b, decoratorsOf(shape), place)
      const inner = { ...place, statement: b.span(node) }
      const value = shape.value ? readExpression(b, shape.value, inner, undefined, type) : undefined
      if (value !== undefined) nameFunction(b, value, name)
      cls.members.push({
        start: b.syntax.start(node),
        end: b.syntax.end(node),
        name,
        kind: 'field',
        static: shape.static,
        abstract: shape.type.startsWith('TSAbstract'),
        private: isPrivate(b, node, shape.key),
        optional: isOptional(b, shape.key),
        fn: undefined,
        value,
        type,
        decorators,
        fromParam: undefined,
      })
      return
    }
    case 'StaticBlock':
      readStatements(b, shape.body, place)
      return
    default:
      return
  }
}

function addParameterProperties<N>(b: Builder<N>, constructor: number, cls: Mutable<Cls>): void {
  b.functions[constructor]?.params.forEach((param, index) => {
    if (!param.property || param.name === undefined) return
    cls.members.push({
      start: param.start,
      end: param.end,
      name: param.name,
      kind: 'field',
      static: false,
      abstract: false,
      private: saysPrivate(b.text.slice(param.start, param.nameEnd)),
      optional: param.optional,
      fn: undefined,
      value: undefined,
      type: param.type,
      decorators: param.decorators,
      fromParam: index,
    })
  })
}

/** Read from the text between the beginning and the name: each parser has its own field for it. */
function isPrivate<N>(b: Builder<N>, member: N, key: N): boolean {
  return saysPrivate(b.text.slice(b.syntax.start(member), b.syntax.start(key)))
}

function saysPrivate(modifiers: string): boolean {
  return /(?:^|\s)private\s/.test(modifiers)
}

function isOptional<N>(b: Builder<N>, key: N): boolean {
  const end = b.syntax.end(key)
  return /^\s*\?/.test(b.text.slice(end, end + 16))
}
