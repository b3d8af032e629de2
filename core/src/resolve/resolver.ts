import { traitOf, type Catalog } from '../catalog/index.js'
import { parseDescriptor } from '../catalog/descriptor.js'
import type { Descriptor, Library } from '../catalog/types.js'
import type { Binding, Decorator, ExprId, FileFacts, FnId, TypeId } from '../facts/types.js'
import { CallArguments } from './arguments.js'
import { bindingValues } from './bindings.js'
import { callResult, returnedValues } from './calls.js'
import { indexedValues } from './contents.js'
import { contextualParams, receiverOf } from './context.js'
import { describedValues, isLazy } from './described.js'
import { exportedValues, moduleValues } from './exports.js'
import { FileIndex } from './file-index.js'
import { Gate } from './gate.js'
import { isHandedByLibrary } from './handed.js'
import { HandlerMaps, type HandlerMap } from './handler-maps.js'
import { memberValues } from './members.js'
import type { Program } from './program.js'
import { Prototypes } from './prototypes.js'
import { Providers } from './providers.js'
import { Question, Questions } from './questions.js'
import { Store } from './store.js'
import { Structural } from './structural.js'
import { Subtypes, type ClassRef, type ObjectRef } from './subtypes.js'
import { typeValues } from './types.js'
import { arrayOf, union, unwrapPromise, type Certainty, type Env, type Value } from './values.js'

/** The last layer: a host with a type checker is asked about what is still open. */
export interface Ask {
  /** What an expression is, as far as the catalog or an own class has a word for it. */
  readonly values: (file: string, expr: ExprId) => readonly Value[]
  /** Where a call into a package that the catalog does not know could be given a signal. */
  readonly takes: (file: string, call: ExprId) => ForeignSlot | undefined
}

/** A parameter for a signal, or an option of one: both may be left out. */
export type ForeignSlot = {
  readonly index: number
  readonly accepts: { readonly undefined: boolean; readonly null: boolean }
} & (
  | { readonly kind: 'argument' }
  | { readonly kind: 'option'; readonly key: string; readonly exact: boolean }
)

/** Files of the program, and whether one is among them. */
export interface FileSet extends Iterable<string> {
  has(file: string): boolean
}

type Values = readonly Value[]

const nothing: Values = []
const noParams: readonly Values[] = []
export const noEnv: Env = new Map()

/**
 * Where a value comes from, across files: imports, `new`, annotations, injected parameters, fields,
 * returned values, callback parameters of library calls. Demand-driven; every answer is kept.
 */
export class Resolver {
  readonly #exprs = new Map<string, (Question<Values> | undefined)[]>()
  readonly #bindings = new Map<Binding, Question<Values>>()
  readonly #types = new Map<string, Map<TypeId, Question<Values>>>()
  readonly #returns = new Map<string, Map<FnId, Question<Values>>>()
  readonly #contexts = new Map<string, Map<FnId, Question<readonly Values[]>>>()
  readonly #indexes = new Map<string, FileIndex>()
  readonly #exports = new Map<string, Map<string, Question<Values>>>()
  readonly #spreads = new Map<string, Question<Values>>()
  readonly #active = new Map<string, Question<Values>>()
  readonly questions = new Questions()
  /** How often something was asked whose answer may grow with the program. */
  openQuestions = 0
  /** Where subtypes are looked for: a program that grows would answer by the order in which it grew. */
  within: FileSet | undefined
  readonly #subtypes: Subtypes
  readonly #structural: Structural
  readonly #gate: Gate
  readonly #store: Store
  readonly #arguments: CallArguments
  readonly #prototypes: Prototypes
  readonly #maps: HandlerMaps
  readonly #providers: Providers

  constructor(
    readonly program: Program,
    readonly catalog: Catalog,
    readonly ask?: Ask,
    /** Of the program as it is on disk, where this one is with a text that is being typed. */
    readonly saved?: Resolver,
  ) {
    this.#subtypes = new Subtypes(this)
    this.#structural = new Structural(this)
    this.#gate = new Gate(program, catalog)
    this.#store = new Store(this)
    this.#arguments = new CallArguments(this)
    this.#prototypes = new Prototypes(this)
    this.#maps = new HandlerMaps(this)
    this.#providers = new Providers(this)
  }

  /** The files of the program that may be looked at. */
  get files(): Iterable<readonly [string, FileFacts]> {
    const { within, program } = this
    return within ? [...within].map((file) => [file, program.facts(file)] as const) : program.files
  }

  /** Whether the program uses a library whose queries run when they are awaited. */
  hasLazy(): boolean {
    return this.#gate.hasLazy()
  }

  /** Whether what has joined the program would have changed answers that are kept: another resolver is to be made. */
  isOutdated(): boolean {
    return this.#arguments.isOutdated()
  }

  /** Names that a call worth looking at can have. */
  gate(): ReadonlySet<string> {
    return this.#gate.names()
  }

  /** Whether a member of that name sends a statement, in a database library that the program imports. */
  sendsStatement(name: string): boolean {
    return this.#gate.statements().has(name)
  }

  index(file: string): FileIndex {
    let index = this.#indexes.get(file)
    if (!index) {
      index = new FileIndex(this.program.facts(file))
      this.#indexes.set(file, index)
    }
    return index
  }

  expr(file: string, id: ExprId): readonly Value[] {
    let memo = this.#exprs.get(file)
    if (!memo) {
      memo = []
      this.#exprs.set(file, memo)
    }
    const question = (memo[id] ??= new Question(nothing))
    return question.state === 'answered' ? question.answer : this.#askExpr(question, file, id)
  }

  /** Apart from `expr`, which is asked so often that even making the closure counts. */
  #askExpr(question: Question<Values>, file: string, id: ExprId): Values {
    return this.#ask(question, () => this.#compute(file, id))
  }

  #ask<T>(question: Question<T>, find: () => T): T {
    if (question.state === 'answered') return question.answer
    if (this.questions.isIdle) this.#arguments.prepare()
    return this.questions.ask(question, find)
  }

  #compute(file: string, id: ExprId): readonly Value[] {
    const expr = this.program.expr(file, id)
    switch (expr.k) {
      case 'id': {
        const binding = this.program.lookUp(file, expr.name, expr.scope)
        if (binding) return this.#orAsk(this.binding(file, binding), file, id)
        return expr.name === 'exports' ? this.#ownExports(file) : this.globalValue(expr.name)
      }
      case 'this':
        return this.thisValue(file, expr.fn, expr.cls)
      case 'super':
        return expr.cls === undefined ? nothing : this.#superOf(file, expr.fn, expr.cls)
      case 'member':
        if (expr.name === 'exports' && this.#isModule(file, expr.object))
          return this.#ownExports(file)
        return this.#orAsk(
          this.member(this.expr(file, expr.object), expr.name, { file, expr: id }),
          file,
          id,
        )
      case 'index':
        return indexedValues(this, file, expr.object, expr.index)
      case 'call':
      case 'new':
      case 'tag':
        return this.#orAsk(callResult(this, file, expr), file, id)
      case 'await':
        return this.settled(this.expr(file, expr.of))
      case 'as': {
        const typed = expr.type === undefined ? nothing : this.type(file, expr.type)
        if (!expr.assertion || typed.length === 0) return this.expr(file, expr.of)
        return typed
      }
      case 'nonnull':
      case 'spread':
        return this.expr(file, expr.of)
      case 'either':
        return expr.op === '&&'
          ? this.expr(file, expr.of[1] ?? 0)
          : union(...expr.of.slice(0, 2).map((each) => this.expr(file, each)))
      case 'obj':
        return [{ k: 'obj', file, expr: id, by: 'value' }]
      case 'arr':
        return [
          arrayOf(
            expr.of.map((each) => this.expr(file, each)),
            'value',
          ),
        ]
      case 'fn':
        return [this.fnValue(file, expr.fn)]
      case 'class':
        return [{ k: 'cls', file, cls: expr.cls, by: 'value' }]
      case 'import': {
        const module = moduleValues(this, file, expr.module, '*')
        return [{ k: 'promise', of: module, by: 'value' }]
      }
      case 'assign':
        return this.expr(file, expr.value)
      case 'yield':
      case 'str':
      case 'num':
      case 'nothing':
      case 'other':
        return nothing
    }
  }

  /** `module` of CommonJS. */
  #isModule(file: string, id: ExprId): boolean {
    const expr = this.program.expr(file, id)
    return (
      expr.k === 'id' && expr.name === 'module' && !this.program.lookUp(file, expr.name, expr.scope)
    )
  }

  /** What a CommonJS module reads of itself as `exports` and `module.exports`. */
  #ownExports(file: string): readonly Value[] {
    if (!this.program.facts(file).commonjs) return nothing
    return [{ k: 'ns', file, by: 'value' }, ...this.exported(file, 'export=')]
  }

  #orAsk(values: readonly Value[], file: string, id: ExprId): readonly Value[] {
    if (!this.ask || values.some((each) => each.k !== 'external')) return values
    if (values.length === 0 && isHandedByLibrary(this, file, id)) return values
    const answer = this.ask.values(file, id)
    return answer.length > 0 ? answer : values
  }

  /** For questions that may come round to themselves: the inner one has no answer. */
  once(key: string, answer: () => readonly Value[]): readonly Value[] {
    const open = this.#active.get(key)
    if (open) return this.#ask(open, answer)
    const question = new Question(nothing)
    this.#active.set(key, question)
    try {
      return this.#ask(question, answer)
    } finally {
      this.#active.delete(key)
    }
  }

  /** A member of what an object spreads, which may be itself: `options = { ...options, name }`. */
  spread(file: string, id: ExprId, name: string): readonly Value[] {
    return this.#ask(questionOf(this.#spreads, `${file}\0${id}\0${name}`, nothing), () =>
      this.member(this.expr(file, id), name),
    )
  }

  /** What awaiting the values gives: a lazy query its rows, where the catalog tells what they are. */
  settled(values: readonly Value[]): readonly Value[] {
    const open = unwrapPromise(values)
    if (!open.some(isLazy)) return open
    return open.flatMap((each) => {
      if (each.k !== 'lib' || !isLazy(each)) return [each]
      const rows = traitOf(each.lib, each.entity, 'resolves')
      return rows === undefined ? nothing : this.described(rows, each.lib, each.by, each)
    })
  }

  /** Whether a file of the program imports the library. */
  imports(library: Library): boolean {
    return library.modules.some((each) => this.#gate.isImported(each))
  }

  /** What the program has put under a string key of a framework's context or application. */
  stored(key: string): readonly Value[] {
    return this.once(`stored\0${key}`, () => this.#store.values(key))
  }

  /** What the calls of the program give a parameter that nothing else tells of. */
  given(file: string, fn: FnId, index: number): readonly Value[] {
    return this.#arguments.of(file, fn, index)
  }

  /** What a container puts where these decorators stand. */
  injected(file: string, decorators: readonly Decorator[]): readonly Value[] {
    return decorators.length === 0 ? nothing : this.#providers.injected(file, decorators)
  }

  /** What the program says that a container gives for a token. */
  provided(file: string, token: ExprId): readonly Value[] {
    return this.once(`provided\0${file}\0${token}`, () => this.#providers.provided(file, token))
  }

  /** The map of handlers that a function stands in. */
  mapOf(file: string, fn: FnId): HandlerMap | undefined {
    return this.#maps.of(file, fn)
  }

  /** A method that the program has put on a library's class. */
  assigned(value: Value & { k: 'lib' | 'libclass' }, name: string): readonly Value[] {
    return this.once(`assigned\0${value.k}\0${name}`, () => this.#prototypes.member(value, name))
  }

  /** A member of what `new` makes of a function. */
  madeMember(value: Value & { k: 'made' }, name: string): readonly Value[] {
    return this.once(`made\0${value.file}\0${value.fn}\0${name}`, () =>
      this.#prototypes.madeMember(value, name),
    )
  }

  fnValue(file: string, fn: FnId, receiver?: Value): Value {
    return { k: 'fn', file, fn, overloads: [fn], receiver, by: 'value' }
  }

  binding(file: string, binding: Binding): readonly Value[] {
    const question = questionOf(this.#bindings, binding, nothing)
    return question.state === 'answered'
      ? question.answer
      : this.#askBinding(question, file, binding)
  }

  #askBinding(question: Question<Values>, file: string, binding: Binding): Values {
    return this.#ask(question, () => bindingValues(this, file, binding))
  }

  /** What a name is known to be while the rest of it is still being looked for. */
  assume(binding: Binding, values: readonly Value[]): void {
    questionOf(this.#bindings, binding, nothing).answer = values
  }

  type(file: string, id: TypeId, env: Env = noEnv): readonly Value[] {
    if (env.size > 0) return typeValues(this, file, id, env)
    const question = questionIn(this.#types, file, id, nothing)
    return question.state === 'answered' ? question.answer : this.#askType(question, file, id)
  }

  #askType(question: Question<Values>, file: string, id: TypeId): Values {
    return this.#ask(question, () => typeValues(this, file, id, noEnv))
  }

  /** What the place a function stands in says of its parameters. */
  context(file: string, fn: FnId): readonly (readonly Value[])[] {
    const question = questionIn(this.#contexts, file, fn, noParams)
    return this.#ask(question, () => contextualParams(this, file, fn))
  }

  /** What calling an own function gives. */
  returnedBy(file: string, fn: FnId): readonly Value[] {
    const question = questionIn(this.#returns, file, fn, nothing)
    return this.#ask(question, () => returnedValues(this, file, fn))
  }

  exported(file: string, name: string): readonly Value[] {
    const question = questionIn(this.#exports, file, name, nothing)
    return this.#ask(question, () => exportedValues(this, file, name))
  }

  member(
    values: readonly Value[],
    name: string,
    at?: { file: string; expr: ExprId },
  ): readonly Value[] {
    const [first] = values
    if (first === undefined) return nothing
    if (values.length === 1) return memberValues(this, first, name, at)
    return union(...values.map((value) => memberValues(this, value, name, at)))
  }

  globalValue(name: string): readonly Value[] {
    const found = this.catalog.global(name)
    return found ? this.described(found.descriptor, found.library, 'value') : nothing
  }

  thisValue(file: string, fn: FnId, cls: number | undefined): readonly Value[] {
    if (cls !== undefined) {
      const method = this.index(file).methodAround(fn)
      if (method?.static) return [{ k: 'cls', file, cls, by: 'value' }]
      return [{ k: 'inst', file, cls, args: [], by: 'value' }]
    }
    const object = this.index(file).objectAround(fn)
    const registered = receiverOf(this, file, fn)
    if (object === undefined) return [...registered, ...this.#prototypes.thisIn(file, fn)]
    return [
      ...registered,
      { k: 'obj', file, expr: object, by: 'value' },
      ...this.#mixedInto(file, object),
      ...this.#prototypes.thisIn(file, fn),
    ]
  }

  /** `repository.extend({ list() { return this.find() } })` */
  #mixedInto(file: string, object: ExprId): readonly Value[] {
    const place = this.index(file).argumentOf(object)
    const call = place?.index === 0 ? this.program.expr(file, place.call) : undefined
    if (call?.k !== 'call') return nothing
    return this.expr(file, call.callee).flatMap((each) =>
      each.k === 'libmember' && each.member.mixes === true && each.receiver ? [each.receiver] : [],
    )
  }

  /** What `super` stands for in a function: in a static method the base class, for whom `this` is the class. */
  #superOf(file: string, fn: FnId, cls: number): readonly Value[] {
    if (this.index(file).methodAround(fn)?.static !== true) {
      const self: Value = { k: 'inst', file, cls, args: [], by: 'value' }
      return this.superValues(file, cls).map((each) =>
        each.k === 'lib' ? { ...each, self } : each,
      )
    }
    const self: Value = { k: 'cls', file, cls, by: 'value' }
    return this.bases(file, cls).map((each) => (each.k === 'libclass' ? { ...each, self } : each))
  }

  /** The classes that a class extends: those that a package's function makes it from included. */
  bases(file: string, cls: number): readonly Value[] {
    const { extends: base } = this.program.cls(file, cls)
    if (base === undefined) return nothing
    const values = this.expr(file, base)
    return values.some((each) => each.k === 'external')
      ? [...values, ...this.#mixedBy(file, base)]
      : values
  }

  /** What `super` and inherited members are taken from: the base class's instance. */
  superValues(file: string, cls: number): readonly Value[] {
    const args = this.program.cls(file, cls).extendsArgs.map((each) => this.type(file, each))
    return this.bases(file, cls).flatMap((base): Value[] => {
      if (base.k === 'cls')
        return [{ k: 'inst', file: base.file, cls: base.cls, args, by: base.by }]
      if (base.k === 'libclass')
        return [{ k: 'lib', lib: base.lib, entity: base.entity, args, by: base.by }]
      return base.k === 'external' ? [base] : []
    })
  }

  /** `class User extends softDelete(Model)`, where a package makes the class: it extends what it is given. */
  #mixedBy(file: string, id: ExprId): readonly Value[] {
    const expr = this.program.expr(file, id)
    if (expr.k !== 'call') return nothing
    return expr.args.flatMap((arg) => [
      ...this.expr(file, arg).filter((each) => each.k === 'cls' || each.k === 'libclass'),
      ...this.#mixedBy(file, arg),
    ])
  }

  /** Classes that extend a class, or implement an interface, directly. */
  subtypes(key: string): readonly ClassRef[] {
    this.openQuestions += 1
    const found = this.#subtypes.of(key)
    const { within } = this
    return within ? found.filter((each) => within.has(each.file)) : found
  }

  /** Object literals that are declared to be of an own type. */
  objectsOf(key: string): readonly ObjectRef[] {
    this.openQuestions += 1
    const found = this.#subtypes.objects(key)
    const { within } = this
    return within ? found.filter((each) => within.has(each.file)) : found
  }

  /** A database library's values that are given where an own interface or object type is declared. */
  structural(owner: Value): readonly (Value & { readonly k: 'lib' })[] {
    this.openQuestions += 1
    return this.#structural.of(owner)
  }

  /** The values that a descriptor of the catalog stands for. */
  described(
    descriptor: Descriptor,
    lib: Library,
    by: Certainty,
    receiver?: Value,
    args: readonly (readonly Value[])[] = [],
    typeArgs: readonly (readonly Value[])[] = [],
  ): readonly Value[] {
    const place = { lib, by, receiver, args, typeArgs }
    return describedValues(this, parseDescriptor(descriptor), place)
  }
}

function questionOf<K, T>(memo: Map<K, Question<T>>, key: K, without: T): Question<T> {
  let question = memo.get(key)
  if (!question) {
    question = new Question(without)
    memo.set(key, question)
  }
  return question
}

function questionIn<K, T>(
  byFile: Map<string, Map<K, Question<T>>>,
  file: string,
  key: K,
  without: T,
): Question<T> {
  let memo = byFile.get(file)
  if (!memo) {
    memo = new Map()
    byFile.set(file, memo)
  }
  return questionOf(memo, key, without)
}
