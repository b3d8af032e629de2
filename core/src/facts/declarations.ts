import type { Builder, Place } from './builder.js'
import { typeParameterScope } from './functions.js'
import { inBlock, readStatements } from './statements.js'
import { dottedName, readType, readTypeMembers } from './type-expressions.js'
import type { ClassId, Export, ObjProp } from './types.js'

export function declareClass<N>(b: Builder<N>, cls: ClassId, place: Place): void {
  const declared = b.classes[cls]
  if (declared?.name) b.addBinding(declared.name, place.scope, 'class', declared, { cls })
}

export function readTypeDeclaration<N>(b: Builder<N>, node: N, place: Place): void {
  const shape = b.shape(node)
  if (shape.type !== 'TSInterfaceDeclaration' && shape.type !== 'TSTypeAliasDeclaration') return
  const { scope, names } = typeParameterScope(b, shape.typeParameters, place.scope, place.fn)
  const isInterface = shape.type === 'TSInterfaceDeclaration'
  const name = dottedName(b, shape.id)[0] ?? ''
  const body = isInterface ? b.shape(shape.body) : undefined
  const members = body?.type === 'TSInterfaceBody' ? readTypeMembers(b, body.body, scope) : []
  const parents = isInterface ? (shape.extends ?? []).map((each) => readType(b, each, scope)) : []
  const types = b.scope(place.scope).typeNames
  ;(types[name] ??= []).push(b.typeDecls.length)
  b.typeDecls.push({
    ...b.span(node),
    name,
    scope: place.scope,
    kind: isInterface ? 'interface' : 'alias',
    typeParams: names,
    extends: parents,
    members,
    type: isInterface ? undefined : readType(b, shape.typeAnnotation, scope),
    inner: scope,
  })
}

/** `declare module 'x' {}` and `declare global {}` add to types of others; a namespace is read as a block. */
export function readModuleDeclaration<N>(
  b: Builder<N>,
  shape: { id: N; body?: N | null; kind?: string; global?: boolean },
  place: Place,
): void {
  if (!shape.body) return
  const inner = inBlock(b, place)
  const id = b.shape(shape.id)
  if (id.type === 'Literal' && typeof id.value === 'string')
    b.augmentations.push({ module: id.value, scope: inner.scope })
  else if (shape.kind === 'global' || shape.global === true)
    b.augmentations.push({ module: 'global', scope: inner.scope })
  const body = b.shape(shape.body)
  if (body.type !== 'TSModuleBlock') return
  const before = b.exports.length
  readStatements(b, body.body, inner)
  // Of `namespace a.b` the parsers make different trees.
  const head = b.text.slice(place.statement.start, b.syntax.start(shape.body))
  if (id.type === 'Identifier' && /\b(?:namespace|module)\s+[\w$]+\s*$/.test(head))
    declareNamespace(b, shape.id, id.name, b.exports.splice(before), place, inner)
}

/** What a namespace exports are the members of an object of its name. */
function declareNamespace<N>(
  b: Builder<N>,
  node: N,
  name: string,
  exported: readonly Export[],
  place: Place,
  inner: Place,
): void {
  const span = b.span(node)
  const props = exported.flatMap((each): ObjProp[] => {
    if (each.kind !== 'local' || !(each.local in b.scope(inner.scope).names)) return []
    const value = b.addExpr(node, { k: 'id', name: each.local, scope: inner.scope })
    return [{ ...span, name: each.name, value, spread: false, shorthand: false, getter: false }]
  })
  const known = b.scope(place.scope).names[name]
  const earlier = known === undefined ? undefined : b.bindings[known]?.init
  const object = earlier === undefined ? undefined : b.exprs[earlier]
  if (object?.k === 'obj') object.props.push(...props)
  else if (known === undefined) {
    const init = b.addExpr(node, { k: 'obj', props })
    b.addBinding(name, place.scope, 'const', span, { init })
  }
}
