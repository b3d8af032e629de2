import { append } from '../append.js'
import type { Binding, Expr, ExprId, FileFacts, FnId } from '../facts/types.js'
import { argumentParams, entryParams } from './context.js'
import { entryOfCall } from './registrations.js'
import { instances } from './described.js'
import { handlersInOptions, toldByPlugins } from './plugins.js'
import { Question } from './questions.js'
import type { Resolver } from './resolver.js'
import { union, weaken, type Value } from './values.js'

/** What a call gives: by its arguments, or by what they are known to be. */
type Call =
  | { readonly file: string; readonly args: readonly ExprId[] }
  | { readonly params: readonly (readonly Value[])[] }

/** A call of the program, and the functions that it is known to give its arguments to. */
interface Site {
  readonly file: string
  readonly call: Expr & { k: 'call' | 'new' }
  readonly given: Set<string>
}

interface MemberCall {
  readonly file: string
  readonly callee: ExprId
  readonly args: readonly ExprId[]
}

type MemberCalls = Map<string, MemberCall[]>

const plainScript = /\.[cm]?jsx?$/

/**
 * What a parameter is by what the program's calls give it. Only where nothing else tells, in plain JavaScript
 * and for `any`: `module.exports = (sequelize) => …` is called as `require('./user')(sequelize)`.
 */
export class CallArguments {
  readonly #calls = new Map<string, Call[]>()
  readonly #read = new Set<string>()
  /** Names of functions and classes in TypeScript that say nothing of what they take. */
  readonly #untold = new Set<string>()
  /** How many of those there are. */
  #noted = 0
  /** Stands for the calls while they are read. */
  #reading: Question<undefined> | undefined
  /** Calls of members in scripts, by the member's name. */
  readonly #byName: MemberCalls = new Map()
  /** Functions whose parameters were asked for, by the name of the method where they are one. */
  readonly #asked = new Map<string, string>()
  #isOutdated = false

  constructor(readonly resolver: Resolver) {}

  /** Whether files that joined the program later give something to functions of which answers were made before. */
  isOutdated(): boolean {
    this.prepare()
    return this.#isOutdated
  }

  of(file: string, fn: FnId, index: number): readonly Value[] {
    if (!isUntold(this.resolver, file, fn, index)) return []
    const key = `${file}\0${fn}`
    // What hangs on the reading is not kept beyond it.
    if (this.#reading) this.resolver.questions.lean(this.#reading)
    else this.#asked.set(key, this.resolver.program.fn(file, fn).name)
    const direct = this.#calls.get(key) ?? []
    const named = plainScript.test(file) ? this.#memberCalls(file, fn) : []
    const calls = [...direct, ...named]
    const given = calls.map((call): readonly Value[] => {
      if ('params' in call) return call.params[index] ?? []
      const arg = call.args[index]
      return arg === undefined ? [] : this.resolver.expr(call.file, arg)
    })
    return weaken(union(...given, this.#savedFor(file, fn, index)), 'name')
  }

  /** What files give it that are not read again for a text that is being typed. */
  #savedFor(file: string, fn: FnId, index: number): readonly Value[] {
    const { saved, program } = this.resolver
    const before = saved?.program.files.get(file)
    if (!saved || !before) return []
    const now = program.facts(file)
    const path = pathOf(now, fn)
    const same = before.functions.filter((each) => pathOf(before, each.id) === path)
    const [only] = same
    if (only === undefined || same.length > 1) return []
    return saved
      .given(file, only.id, index)
      .filter((each) => each.k === 'lib' || each.k === 'libclass' || each.k === 'libns')
  }

  /** `article.render(user)` for `render(user) {}` of a class, or of the prototype that it was put on. */
  #memberCalls(file: string, fn: FnId): readonly Call[] {
    const r = this.resolver
    const { name, cls, expr } = r.program.fn(file, fn)
    const isPut =
      expr !== undefined &&
      r
        .index(file)
        .writes(name)
        .some((each) => each.value === expr)
    if (name === '' || (cls === undefined && !isPut)) return []
    const calls = this.#byName.get(name) ?? []
    return calls.filter((call) =>
      r
        .expr(call.file, call.callee)
        .some((each) => each.k === 'fn' && each.file === file && each.fn === fn),
    )
  }

  /** Returns those that may be of a method whose parameters have been asked for. */
  #readNames(
    file: string,
    { calls, exprs }: FileFacts,
    asked: ReadonlySet<string>,
  ): readonly MemberCall[] {
    if (!plainScript.test(file)) return []
    return calls.flatMap((site) => {
      const call = exprs[site.expr]
      const callee = call?.k === 'call' ? exprs[call.callee] : undefined
      if (call?.k !== 'call' || callee?.k !== 'member' || call.args.length === 0) return []
      const found = { file, callee: call.callee, args: call.args }
      append(this.#byName, callee.name, found)
      return asked.has(callee.name) ? [found] : []
    })
  }

  /**
   * Reads the calls of files that have joined the program. To be done while nothing else is asked: what a
   * function is cannot be told on the way to itself.
   */
  prepare(): void {
    const { files } = this.resolver.program
    if (this.#reading || this.#read.size === files.size) return
    const sites: Site[] = []
    const joined = [...files].filter(([file]) => !this.#read.has(file))
    const late: MemberCall[] = []
    const asked = new Set(this.#asked.values())
    for (const [file, facts] of joined) {
      this.#read.add(file)
      for (const each of untoldNames(facts)) this.#untold.add(each)
      late.push(...this.#readNames(file, facts, asked))
    }
    for (const [file, facts] of joined) sites.push(...this.#sitesOf(file, facts))
    // A function that is made from a parameter is known when a reading has told what that is given, and
    // plugins register plugins.
    let open = this.#readSites(sites)
    for (let noted = -1; open.length > 0 && noted !== this.#noted;) {
      noted = this.#noted
      open = this.#readSites(open)
    }
    for (const { file, callee } of late)
      for (const each of this.resolver.expr(file, callee)) this.#noteLate(each)
  }

  #noteLate(value: Value): void {
    if (value.k === 'fn' && this.#asked.has(`${value.file}\0${value.fn}`)) this.#isOutdated = true
  }

  #sitesOf(file: string, { calls, exprs }: FileFacts): readonly Site[] {
    return calls.flatMap((site) => {
      const call = exprs[site.expr]
      if ((call?.k !== 'call' && call?.k !== 'new') || call.args.length === 0) return []
      if (!plainScript.test(file) && !this.#untold.has(lastName(exprs, call.callee))) return []
      if (this.#mayRegister(file, call)) return [{ file, call, given: new Set() }]
      return this.#isModuleLevel(file, call.callee) ? [{ file, call, given: new Set() }] : []
    })
  }

  /** Notes what the calls give, and returns those whose function may hang on what others give. */
  #readSites(sites: readonly Site[]): readonly Site[] {
    const { questions } = this.resolver
    const reading = new Question<undefined>(undefined)
    this.#reading = reading
    const later: Site[] = []
    questions.ask(reading, () => {
      for (const site of sites) {
        const step = new Question<undefined>(undefined)
        questions.ask(step, () => {
          this.#readSite(site)
          return undefined
        })
        if (step.state !== 'answered') later.push(site)
      }
      return undefined
    })
    this.#reading = undefined
    return later
  }

  #readSite({ file, call, given }: Site): void {
    const add = (value: Value, one: Call) => {
      if (value.k !== 'fn') return
      const { params } = this.resolver.program.fn(value.file, value.fn)
      if (!params.some((_, index) => isUntold(this.resolver, value.file, value.fn, index))) return
      const key = `${value.file}\0${value.fn}`
      if (given.has(key)) return
      given.add(key)
      this.#noteLate(value)
      const known = this.#calls.get(key) ?? []
      known.push(one)
      this.#noted += 1
      this.#calls.set(key, known)
    }
    for (const value of this.#called(file, call)) add(value, { file, args: call.args })
    this.#addHandlers(file, call, add)
    for (const { fn, params } of toldByPlugins(this.resolver, file, call)) add(fn, { params })
  }

  /** `(app, options, next) => app.register(require('./users'))`: of a parameter, by the name of what is called. */
  #mayRegister(file: string, { callee, args }: Expr & { k: 'call' | 'new' }): boolean {
    const { program, catalog } = this.resolver
    const called = program.expr(file, callee)
    const object = called.k === 'member' ? program.expr(file, called.object) : undefined
    if (called.k !== 'member' || object?.k !== 'id' || !catalog.callers.has(called.name))
      return false
    const isParam = program.lookUp(file, object.name, object.scope)?.param !== undefined
    return (
      isParam &&
      args.some((each) => {
        const arg = program.expr(file, each)
        return isReference(arg) || arg.k === 'obj'
      })
    )
  }

  /** `app.get('/', list)`: what the framework gives a function that is handed to it by its name. */
  #addHandlers(
    file: string,
    call: Expr & { k: 'call' | 'new' },
    add: (value: Value, call: Call) => void,
  ): void {
    const r = this.resolver
    const registration = entryOfCall(r, file, call)
    if (registration)
      for (const { fn, params } of handlersInOptions(r, file, call, registration))
        add(fn, { params })
    call.args.forEach((arg, index) => {
      if (!isReference(r.program.expr(file, arg))) return
      for (const value of r.expr(file, arg)) {
        if (value.k !== 'fn') continue
        const arity = r.program.fn(value.file, value.fn).params.length
        const params = !registration
          ? argumentParams(r, file, call, index, arity)
          : index >= registration.entry.from
            ? entryParams(r, registration, arity)
            : []
        // Nothing may be known of the callee as yet.
        if (params.length > 0) add(value, { params })
      }
    })
  }

  /** Functions that a call runs: of `new Users(User)` and `super(User)` the constructor. */
  #called(file: string, call: Expr & { k: 'call' | 'new' }): readonly Value[] {
    const r = this.resolver
    const callee = r.program.expr(file, call.callee)
    if (call.k === 'call' && callee.k !== 'super') return r.expr(file, call.callee)
    const made =
      callee.k === 'super'
        ? callee.cls === undefined
          ? []
          : r.superValues(file, callee.cls)
        : instances(r.expr(file, call.callee))
    const functions = r.expr(file, call.callee).filter((each) => each.k === 'fn')
    return [...made.flatMap((each) => constructorOf(r, each)), ...functions]
  }

  /** Names of the module, its imports and their members: what they are does not hang on a parameter. */
  #isModuleLevel(file: string, id: ExprId, followed = new Set<Binding>()): boolean {
    const { program } = this.resolver
    const expr = program.expr(file, id)
    if (expr.k === 'super') return true
    if (expr.k === 'member') return this.#isModuleLevel(file, expr.object, followed)
    if (expr.k === 'call') {
      const callee = program.expr(file, expr.callee)
      return (
        (callee.k === 'id' && callee.name === 'require') ||
        this.#isModuleLevel(file, expr.callee, followed)
      )
    }
    if (expr.k === 'new') return this.#isModuleLevel(file, expr.callee, followed)
    if (expr.k !== 'id') return false
    const binding: Binding | undefined = program.lookUp(file, expr.name, expr.scope)
    // Half typed, a name may be made from itself: `const user = user.find()`.
    if (!binding || binding.param || followed.has(binding)) return false
    followed.add(binding)
    if (binding.import || binding.fns.length > 0 || binding.cls !== undefined) return true
    const init = binding.init === undefined ? undefined : program.expr(file, binding.init)
    return (
      init?.k === 'fn' ||
      ((init?.k === 'call' || init?.k === 'new') &&
        binding.init !== undefined &&
        this.#isModuleLevel(file, binding.init, followed))
    )
  }
}

/** `UserRepo.byId`: says of a function which one it is in a text that has changed. */
function pathOf({ functions, classes }: FileFacts, id: FnId): string {
  const names: string[] = []
  for (let fn = functions[id]; fn; fn = fn.parent === undefined ? undefined : functions[fn.parent])
    names.unshift(`${classes[fn.cls ?? -1]?.name ?? ''}.${fn.kind}.${fn.name}`)
  return names.join('/')
}

/** Whether a parameter has no word for what it is: in plain JavaScript, or as `any` of TypeScript. */
function isUntold({ program }: Resolver, file: string, fn: FnId, index: number): boolean {
  if (plainScript.test(file)) return true
  const param = program.fn(file, fn).params[index]
  return param?.type !== undefined && program.type(file, param.type).k === 'any'
}

function untoldNames({ functions, types, classes, path }: FileFacts): readonly string[] {
  if (plainScript.test(path)) return []
  return functions.flatMap(({ params, kind, name, cls }) => {
    const isUntold = params.some((each) => each.type !== undefined && types[each.type]?.k === 'any')
    if (!isUntold || kind === 'method') return []
    return kind === 'constructor' ? (classes[cls ?? -1]?.name ?? []) : name
  })
}

/** `Users` of `new repositories.Users(models)`. */
function lastName(exprs: FileFacts['exprs'], callee: ExprId): string {
  const expr = exprs[callee]
  return expr?.k === 'member' || expr?.k === 'id' ? expr.name : ''
}

function isReference({ k }: Expr): boolean {
  return k === 'id' || k === 'member' || k === 'call'
}

/** The constructor that making an instance runs: the class's own, else that which it inherits. */
function constructorOf(r: Resolver, value: Value, depth = 0): readonly Value[] {
  if (value.k !== 'inst' || depth > 8) return []
  const own = r.program
    .cls(value.file, value.cls)
    .members.find((each) => each.kind === 'constructor')
  if (own?.fn !== undefined) return [r.fnValue(value.file, own.fn)]
  return r.superValues(value.file, value.cls).flatMap((each) => constructorOf(r, each, depth + 1))
}
