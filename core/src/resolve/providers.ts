import { entityOf, libraries } from '../catalog/index.js'
import type { Library } from '../catalog/types.js'
import type { Decorator, Expr, ExprId } from '../facts/types.js'
import { definitionsOf } from './definitions.js'
import { instances } from './described.js'
import type { Resolver } from './resolver.js'
import { union, valueKey, weaken, type Value } from './values.js'

/** `{ provide: TOKEN, useFactory: () => new Pool() }`, or `bind(TOKEN).toDynamicValue(() => new Pool())` */
interface Provider {
  readonly file: string
  readonly token: ExprId
  readonly ways: readonly Way[]
}

type CallExpr = Extract<Expr, { readonly callee: ExprId; readonly args: unknown }>

interface Way {
  readonly name?: string | undefined
  readonly value: ExprId
}

/** Names of the calls that say what a container gives. */
const binders = new Set(
  libraries.flatMap(({ entities }: Library) =>
    Object.values(entities).flatMap(({ members = {} }) =>
      Object.keys(members).filter((name) => members[name]?.provides !== undefined),
    ),
  ),
)

/** What a container puts in where `@Inject(TOKEN)` stands: that which the program provides under the token. */
export class Providers {
  readonly #all: Provider[] = []
  readonly #read = new Set<string>()

  constructor(readonly resolver: Resolver) {}

  injected(file: string, decorators: readonly Decorator[]): readonly Value[] {
    const r = this.resolver
    return union(
      ...decorators.map(({ expr }) => {
        const call = r.program.expr(file, expr)
        const token = call.k === 'call' ? call.args[0] : undefined
        if (call.k !== 'call' || token === undefined) return []
        const isInjecting = r
          .expr(file, call.callee)
          .some((each) => each.k === 'lib' && entityOf(each.lib, each.entity)?.injects === true)
        return isInjecting ? weaken(this.provided(file, token), 'type') : []
      }),
    )
  }

  /** What the program provides under a token. */
  provided(file: string, token: ExprId): readonly Value[] {
    const r = this.resolver
    const { files } = r.program
    if (this.#read.size < files.size) for (const each of files.keys()) this.#readOnce(each)
    const keys = new Set(this.#keysOf(file, token))
    const found = this.#all.filter(
      (each) =>
        r.within?.has(each.file) !== false &&
        this.#keysOf(each.file, each.token).some((key) => keys.has(key)),
    )
    return union(...found.flatMap((each) => each.ways.map((way) => this.#made(each.file, way))))
  }

  #made(file: string, { name, value }: Way): readonly Value[] {
    const r = this.resolver
    switch (name) {
      case 'useValue':
        return r.expr(file, value)
      case 'useClass':
        return instances(r.expr(file, value))
      case 'useFactory':
        return r.settled(
          r
            .expr(file, value)
            .flatMap((each) => (each.k === 'fn' ? r.returnedBy(each.file, each.fn) : [])),
        )
      case 'useExisting':
        return r.provided(file, value)
      default:
        return []
    }
  }

  /** What tells a token from others: its text, the class that it is, or the place where it is made. */
  #keysOf(file: string, token: ExprId): readonly string[] {
    const r = this.resolver
    const places = [{ file, expr: token }, ...definitionsOf(r, { file, expr: token })]
    return places.flatMap((each) => {
      const expr = r.program.expr(each.file, each.expr)
      if (expr.k === 'str') return expr.complete ? [`text ${expr.value}`] : []
      if (expr.k === 'call' || expr.k === 'new') return [`made ${each.file} ${each.expr}`]
      const classes = r.expr(each.file, each.expr).filter((value) => value.k === 'cls')
      return classes.map(valueKey)
    })
  }

  #readOnce(file: string): void {
    if (this.#read.has(file)) return
    this.#read.add(file)
    for (const expr of this.resolver.program.facts(file).exprs) {
      if (expr.k === 'call') this.#readBinding(file, expr)
      if (expr.k !== 'obj') continue
      const token = expr.props.find((each) => each.name === 'provide')
      if (token) this.#all.push({ file, token: token.value, ways: expr.props })
    }
  }

  #readBinding(file: string, { callee, args }: CallExpr): void {
    const r = this.resolver
    const named = r.program.expr(file, callee)
    const value = args.at(-1)
    if (named.k !== 'member' || !binders.has(named.name) || value === undefined) return
    const receiver = r.program.expr(file, named.object)
    const token = args.length > 1 ? args[0] : receiver.k === 'call' ? receiver.args[0] : undefined
    if (token === undefined) return
    for (const each of r.expr(file, callee)) {
      const name = each.k === 'libmember' ? each.member.provides : undefined
      if (name !== undefined) this.#all.push({ file, token, ways: [{ name, value }] })
    }
  }
}
