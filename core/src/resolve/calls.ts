import { traitOf } from '../catalog/index.js'
import type { Member } from '../catalog/types.js'
import type { Expr, ExprId, FnId, TypeId } from '../facts/types.js'
import { collection, elementAt, keyed, keyedResult, listed } from './contents.js'
import { moduleValues } from './exports.js'
import { instances } from './described.js'
import { madeBy } from './prototypes.js'
import { modulesOfFolder } from './folders.js'
import { noEnv, type Resolver } from './resolver.js'
import { callSignatures } from './type-members.js'
import { elements, union, unwrapPromise, weaken, type Env, type Value } from './values.js'

export type CallExpr = Expr & { k: 'call' | 'new' | 'tag' }

const nothing: readonly Value[] = []
const passThrough = new Set(['freeze', 'seal', 'assign'])
const listing = new Set(['values', 'entries'])
const sameList = new Set([
  'filter',
  'slice',
  'concat',
  'reverse',
  'sort',
  'flat',
  'toSorted',
  'values',
  'splice',
])
const oneElement = new Set(['find', 'at', 'pop', 'shift', 'findLast', 'get'])
const mapping = new Set(['map', 'flatMap'])
const combinators = new Set(['all', 'allSettled', 'any', 'race'])

/** The catalog's description of what calling a value does, where it is a library's. */
export function libraryCall(
  value: Value,
  kind: CallExpr['k'] = 'call',
): { member: Member; lib: string; api: string } | undefined {
  if (value.k === 'libmember')
    return { member: value.member, lib: value.lib.name, api: `${value.entity}.${value.name}` }
  if (value.k === 'libclass') {
    const construct = kind === 'new' ? traitOf(value.lib, value.entity, 'construct') : undefined
    return construct && { member: construct, lib: value.lib.name, api: value.entity }
  }
  if (value.k === 'lib') {
    const call = traitOf(value.lib, value.entity, kind === 'tag' ? 'tag' : 'call')
    return call && { member: call, lib: value.lib.name, api: value.entity }
  }
  return undefined
}

/** What a call, `new` or tagged template evaluates to. */
export function callResult(r: Resolver, file: string, call: CallExpr): readonly Value[] {
  const callee = r.program.expr(file, call.callee)
  const special = specialCall(r, file, call, callee)
  if (special) return special
  const targets = r.expr(file, call.callee)
  if (call.k === 'new') return constructed(r, file, call, targets)
  if (targets.every((each) => each.k === 'external')) {
    const list = mappedList(r, file, call, callee)
    if (list.length > 0 || targets.length === 0) return list
  }
  return union(...targets.map((target) => inOwnClass(r, resultOf(r, file, call, target), target)))
}

/** `User.query()` gives an instance of the class that `User.QueryBuilder` is. */
function inOwnClass(r: Resolver, given: readonly Value[], target: Value): readonly Value[] {
  if (target.k !== 'libmember' || target.member.ownClass === undefined) return given
  const owner = target.receiver && 'self' in target.receiver ? target.receiver.self : undefined
  if (owner?.k !== 'inst' && owner?.k !== 'cls') return given
  const { file, cls, by } = owner
  const [self] = instances(r.member([{ k: 'cls', file, cls, by }], target.member.ownClass))
  if (self?.k !== 'inst') return given
  return given.map((each) => (each.k === 'lib' ? { ...each, self } : each))
}

/** `names.map((name) => db.select())` of a list that nothing is known of. */
function mappedList(r: Resolver, file: string, call: CallExpr, callee: Expr): readonly Value[] {
  const first = call.k === 'call' ? call.args[0] : undefined
  if (callee.k !== 'member' || !mapping.has(callee.name) || first === undefined) return nothing
  const of = callbackResults(r, r.expr(file, first))
  return of.length === 0 ? nothing : [{ k: 'array', of, by: 'value' }]
}

function specialCall(
  r: Resolver,
  file: string,
  call: CallExpr,
  callee: Expr,
): readonly Value[] | undefined {
  if (call.k === 'tag') return undefined
  const first = call.args[0]
  if (call.k === 'new' && callee.k === 'id' && callee.name === 'Promise' && first !== undefined)
    return promised(r.settled(resolvedBy(r, file, first)))
  if (callee.k === 'id' && callee.name === 'require' && first !== undefined) {
    const module = r.program.expr(file, first)
    return module.k === 'str' && module.complete
      ? moduleValues(r, file, module.value, 'export=')
      : modulesOfFolder(r, file, first)
  }
  if (callee.k !== 'member') return undefined
  const object = r.program.expr(file, callee.object)
  if (object.k !== 'id') return undefined
  if (object.name === 'Object' && passThrough.has(callee.name) && first !== undefined)
    return union(...call.args.map((arg) => r.expr(file, arg)))
  if (object.name === 'Object' && listing.has(callee.name) && first !== undefined)
    return listed(r, r.expr(file, first), callee.name)
  if (object.name === 'Object' && callee.name === 'fromEntries' && first !== undefined)
    return keyed('record', elementAt(elements(r.expr(file, first)), 1), 'value')
  if (object.name === 'Promise' && combinators.has(callee.name) && first !== undefined)
    return promised(unwrapElements(r, r.expr(file, first)))
  if (object.name === 'Promise' && callee.name === 'resolve' && first !== undefined)
    return promised(r.settled(r.expr(file, first)))
  return undefined
}

/** `new Promise((resolve) => resolve(value))`, of whichever library. */
function resolvedBy(r: Resolver, file: string, executor: ExprId): readonly Value[] {
  const expr = r.program.expr(file, executor)
  if (expr.k !== 'fn') return nothing
  const resolve = r.program.fn(file, expr.fn).params[0]?.name
  return union(
    ...r
      .index(file)
      .callsBelow(expr.fn)
      .map((site) => {
        const call = r.program.expr(file, site.expr)
        const callee = call.k === 'call' ? r.program.expr(file, call.callee) : undefined
        const value = call.k === 'call' ? call.args[0] : undefined
        if (callee?.k !== 'id' || callee.name !== resolve || value === undefined) return nothing
        const owner = r.program.lookUp(file, callee.name, callee.scope)?.param?.fn
        return owner === expr.fn ? r.expr(file, value) : nothing
      }),
  )
}

function unwrapElements(r: Resolver, values: readonly Value[]): readonly Value[] {
  return values.map((each) =>
    each.k === 'array'
      ? {
          ...each,
          of: r.settled(each.of),
          ...(each.items ? { items: each.items.map((one) => r.settled(one)) } : {}),
        }
      : each,
  )
}

function promised(of: readonly Value[]): readonly Value[] {
  return of.length === 0 ? nothing : [{ k: 'promise', of, by: 'value' }]
}

function constructed(
  r: Resolver,
  file: string,
  call: CallExpr & { k: 'new' | 'call' | 'tag' },
  targets: readonly Value[],
): readonly Value[] {
  // A Proxy has the members of what it wraps; that its value may be intercepted is for the trace to say.
  if (
    call.k === 'new' &&
    targets.some((each) => each.k === 'libclass' && each.entity === 'Proxy')
  ) {
    const target = call.args[0]
    return target === undefined ? nothing : weaken(r.expr(file, target), 'type')
  }
  const filled = targets.length === 0 && call.k === 'new' ? collection(r, file, call) : undefined
  if (filled) return filled
  const args = call.typeArgs.map((each) => r.type(file, each))
  const made = instances(targets).map((each) => ('args' in each ? { ...each, args } : each))
  const byFunction = targets.flatMap((each) =>
    each.k === 'fn' && r.program.fn(each.file, each.fn).kind === 'function' ? [madeBy(each)] : [],
  )
  if (made.length + byFunction.length > 0) return [...made, ...byFunction]
  return targets.filter((each) => each.k === 'external')
}

/** Of an own function the callback stays the last argument, behind any other that it would get. */
function promisified(r: Resolver, file: string, arg: ExprId | undefined): readonly Value[] {
  if (arg === undefined) return nothing
  return r.expr(file, arg).filter((each) => each.k === 'lib' || each.k === 'libmember')
}

function resultOf(r: Resolver, file: string, call: CallExpr, target: Value): readonly Value[] {
  switch (target.k) {
    case 'fn':
      return weaken(functionResult(r, file, call, target), target.by)
    case 'sig': {
      const sig = target.sigs[0]
      if (sig?.returns === undefined) return nothing
      return r.type(target.file, sig.returns, callEnv(r, file, call, target.file, sig, target.env))
    }
    case 'lib':
    case 'libmember': {
      const described = libraryCall(target, call.k)
      if (described?.member.store === 'take' && call.k === 'call' && call.args.length === 1)
        return takenValues(r, file, call.args[0])
      if (described?.member.promisifies === true && call.k === 'call')
        return promisified(r, file, call.args[0])
      if (described?.member.provided === true) return givenBy(r, file, call)
      if (described?.member.returns === undefined) return nothing
      const receiver = target.k === 'libmember' ? target.receiver : target
      const args = call.k === 'tag' ? [] : call.args.map((arg) => argumentValues(r, file, arg))
      if (described.member.mixes === true)
        return union(receiver ? [receiver] : nothing, args[0] ?? nothing)
      const { returns } = described.member
      const typeArgs = /\btype\d/.test(returns)
        ? call.typeArgs.map((each) => r.type(file, each))
        : []
      return r.described(returns, target.lib, target.by, receiver, args, typeArgs)
    }
    case 'builtin':
      return builtinResult(r, file, call, target)
    case 'iface':
    case 'lit':
      return union(...callSignatures(r, target).map((each) => resultOf(r, file, call, each)))
    case 'external':
      return [target, ...madeOutside(r, file, call, target.name)]
    default:
      return nothing
  }
}

/** `container.get<Users>(TOKEN)`: of what is bound elsewhere the type says it, and a class stands for itself. */
function givenBy(r: Resolver, file: string, call: CallExpr): readonly Value[] {
  const token = call.k === 'tag' ? undefined : call.args[0]
  const bound = token === undefined ? nothing : r.provided(file, token)
  return bound.length > 0 ? weaken(bound, 'type') : madeOutside(r, file, call, 'get')
}

const containerMethods = /(?:^|\.)(?:get|getAsync|resolve|resolveAsync|inject)$/

/**
 * What a package that nothing is known of gives for a class: an instance of it (`container.get(UserService)`,
 * `plainToInstance(User, body)`); a container told the type gives that (`container.get<Users>(TYPES.Users)`).
 */
function madeOutside(r: Resolver, file: string, call: CallExpr, name: string): readonly Value[] {
  if (call.k === 'tag') return nothing
  const [type, ...more] = call.typeArgs
  if (type !== undefined && more.length === 0 && containerMethods.test(name))
    return r.type(file, type)
  const [first] = call.args
  const given = first === undefined ? nothing : r.expr(file, first)
  return weaken(instances(given.filter((each) => each.k === 'cls')), 'type')
}

/** Of `...queries` the elements. */
function argumentValues(r: Resolver, file: string, arg: ExprId): readonly Value[] {
  const values = r.expr(file, arg)
  return r.program.expr(file, arg).k === 'spread' ? elements(values) : values
}

/** `c.get('db')`: what any call of the program has put there under the same key. */
function takenValues(r: Resolver, file: string, key: ExprId | undefined): readonly Value[] {
  const name = key === undefined ? undefined : r.program.expr(file, key)
  return name?.k === 'str' ? r.stored(name.value) : nothing
}

function functionResult(
  r: Resolver,
  file: string,
  call: CallExpr,
  target: Value & { k: 'fn' },
): readonly Value[] {
  const fn = r.program.fn(target.file, target.fn)
  if (fn.returnType !== undefined) {
    const env = callEnv(r, file, call, target.file, fn, noEnv)
    const typed = env.size > 0 ? r.type(target.file, fn.returnType, env) : nothing
    if (typed.length > 0) return typed
  }
  return r.returnedBy(target.file, target.fn)
}

/** Type parameters of the callee, bound by explicit type arguments or by the arguments' values, one level deep. */
function callEnv(
  r: Resolver,
  file: string,
  call: CallExpr,
  owner: string,
  sig: { readonly params: readonly { readonly type: TypeId | undefined }[] },
  outer: Env,
): Env {
  const args = call.k === 'tag' ? [] : call.args
  const env = new Map(outer)
  sig.params.forEach((param, index) => {
    const arg = args[index]
    if (param.type === undefined || arg === undefined) return
    const bound = boundName(r, owner, param.type)
    if (!bound) return
    const values = bound.pick(r.expr(file, arg))
    if (values.length > 0 && !env.has(bound.name)) env.set(bound.name, values)
  })
  return env
}

/** `T`, `T[]`, `Promise<T>` and `() => T` name the type parameter that an argument settles. */
function boundName(
  r: Resolver,
  file: string,
  id: TypeId,
): { name: string; pick: (values: readonly Value[]) => readonly Value[] } | undefined {
  const type = r.program.type(file, id)
  if (type.k === 'ref' && type.name.length === 1) {
    const [name = ''] = type.name
    if (isTypeParameter(r, file, name, type.scope)) return { name, pick: (values) => values }
    const [inner] = type.args
    if (name === 'Promise' && inner !== undefined) {
      const bound = boundName(r, file, inner)
      return bound && { name: bound.name, pick: (values) => bound.pick(unwrapPromise(values)) }
    }
  }
  if (type.k === 'array') {
    const bound = boundName(r, file, type.of)
    return bound && { name: bound.name, pick: (values) => bound.pick(elements(values)) }
  }
  if (type.k === 'fn' && type.sig.returns !== undefined) {
    const bound = boundName(r, file, type.sig.returns)
    return (
      bound && {
        name: bound.name,
        pick: (values) =>
          bound.pick(
            union(
              ...values.map((each) =>
                each.k === 'fn' ? r.returnedBy(each.file, each.fn) : nothing,
              ),
            ),
          ),
      }
    )
  }
  return undefined
}

function isTypeParameter(r: Resolver, file: string, name: string, from: number): boolean {
  const { scopes } = r.program.facts(file)
  for (let scope = scopes[from]; scope;) {
    if (name in scope.typeParams) return true
    scope = scope.parent === undefined ? undefined : scopes[scope.parent]
  }
  return false
}

function builtinResult(
  r: Resolver,
  file: string,
  call: CallExpr,
  target: Value & { k: 'builtin' },
): readonly Value[] {
  const { of, name } = target
  const first = call.k === 'tag' ? undefined : call.args[0]
  if (name === 'bind') return [bound(r, file, call, of)]
  if (name === 'call' || name === 'apply')
    return of.k === 'fn' ? r.returnedBy(of.file, of.fn) : nothing
  if (of.k === 'promise') {
    if (name === 'then' && first !== undefined) {
      const results = callbackResults(r, r.expr(file, first))
      return promised(r.settled(results))
    }
    return name === 'catch' || name === 'finally' ? [of] : nothing
  }
  if (of.k === 'keyed') return keyedResult(of, name)
  if (of.k !== 'array') return nothing
  if (sameList.has(name)) return [of]
  if (oneElement.has(name)) return of.of
  if (mapping.has(name) && first !== undefined)
    return [{ k: 'array', of: callbackResults(r, r.expr(file, first)), by: target.by }]
  return nothing
}

/** `load.bind(self, id)` has its first argument already. */
function bound(r: Resolver, file: string, call: CallExpr, of: Value): Value {
  const [, ...given] = call.k === 'tag' ? [] : call.args
  if (of.k !== 'fn' || given.length === 0) return of
  const isSpread = given.some((each) => r.program.expr(file, each).k === 'spread')
  return { ...of, bound: (of.bound ?? 0) + (isSpread ? Infinity : given.length) }
}

function callbackResults(r: Resolver, values: readonly Value[]): readonly Value[] {
  return union(
    ...values.map((each) => (each.k === 'fn' ? r.returnedBy(each.file, each.fn) : nothing)),
  )
}

/** What a function gives when it is called: its declared return where that is telling, else what it returns. */
export function returnedValues(r: Resolver, file: string, id: FnId): readonly Value[] {
  const fn = r.program.fn(file, id)
  const declared = fn.returnType === undefined ? nothing : r.type(file, fn.returnType)
  if (declared.length > 0 && !unwrapPromise(declared).some(isVague))
    return keepMade(r, file, id, declared)
  const own = union(...fn.returns.map((each) => r.expr(file, each))).filter(
    (each) => each.k !== 'external',
  )
  const made = fn.generator
    ? [
        {
          k: 'array' as const,
          of: union(...fn.yields.map((each) => r.expr(file, each))),
          by: 'value' as const,
        },
      ]
    : fn.async
      ? promised(r.settled(own))
      : own
  return union(made, declared)
}

/** A library value that the body really makes is surer than the annotation that promises it. */
function keepMade(
  r: Resolver,
  file: string,
  id: FnId,
  declared: readonly Value[],
): readonly Value[] {
  const fn = r.program.fn(file, id)
  if (fn.generator || fn.returns.length === 0) return declared
  const inner = unwrapPromise(declared)
  const made = unwrapPromise(union(...fn.returns.map((each) => r.expr(file, each))))
  const surer = made.filter((each) => each.by === 'value' && each.k === 'lib')
  const covers = inner.every(
    (each) => each.k === 'lib' && surer.some((one) => one.k === 'lib' && one.lib === each.lib),
  )
  if (!covers || surer.length === 0) return declared
  return declared.some((each) => each.k === 'promise') ? promised(surer) : surer
}

function isVague(value: Value): boolean {
  return (
    value.k === 'iface' ||
    value.k === 'lit' ||
    value.k === 'sig' ||
    value.k === 'external' ||
    value.k === 'keyed'
  )
}
