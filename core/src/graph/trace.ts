import { memberOf } from '../catalog/index.js'
import type { ExprId, FnId } from '../facts/types.js'
import type { Value } from '../resolve/values.js'
import type { Analysis } from './analysis.js'
import { fnKey, type CallNode } from './model.js'

/**
 * Where a receiver's value comes from. `library`: every way leads to the library's own constructor.
 * `intercepted`: it may be a Proxy, an object literal, a subclass or have its methods replaced, so that
 * something reads the arguments before the library does. `unknown`: it cannot be followed to its making.
 */
export type Trace = 'library' | 'intercepted' | 'unknown'

const MAX_DEPTH = 24

/** Traces the receiver of a library call, `pool` in `pool.query(…)`, by value and not by type. */
export function traceReceiver(analysis: Analysis, node: CallNode): Trace {
  const { program } = analysis.resolver
  const call = program.expr(node.file, node.expr)
  if (call.k !== 'call') return 'unknown'
  const callee = program.expr(node.file, call.callee)
  if (callee.k !== 'member') return 'unknown'
  return new Tracer(analysis).expr(node.file, callee.object, 0)
}

class Tracer {
  readonly #active = new Set<string>()

  constructor(readonly analysis: Analysis) {}

  expr(file: string, id: ExprId, depth: number): Trace {
    if (depth > MAX_DEPTH) return 'unknown'
    const key = `${file}\0${id}`
    // A cycle adds no further way in.
    if (this.#active.has(key)) return 'library'
    this.#active.add(key)
    const trace = this.#compute(file, id, depth + 1)
    this.#active.delete(key)
    return trace
  }

  #compute(file: string, id: ExprId, depth: number): Trace {
    const r = this.analysis.resolver
    const expr = r.program.expr(file, id)
    switch (expr.k) {
      case 'await':
      case 'as':
      case 'nonnull':
        return this.expr(file, expr.of, depth)
      case 'assign':
        return this.expr(file, expr.value, depth)
      case 'either':
        return worst(
          expr.of.slice(expr.op === '&&' ? 1 : 0, 2).map((each) => this.expr(file, each, depth)),
        )
      case 'new':
        return this.#constructed(file, expr.callee)
      case 'call':
        return this.#called(file, expr.callee, expr.args, depth)
      case 'id':
        return this.#name(file, expr.name, expr.scope, depth)
      case 'member':
        return this.#member(file, expr.object, expr.name, depth)
      case 'this':
        return this.#self(file, expr.cls)
      case 'obj':
        return 'intercepted'
      default:
        return 'unknown'
    }
  }

  #constructed(file: string, callee: ExprId): Trace {
    const values = this.analysis.resolver.expr(file, callee)
    if (values.some((each) => each.k === 'libclass' && each.entity === 'Proxy'))
      return 'intercepted'
    if (
      values.length > 0 &&
      values.every((each) => each.k === 'libclass' && each.lib.kind === 'database')
    )
      return 'library'
    return worst(
      values.map((each) => (each.k === 'cls' ? this.#subclass(each.file, each.cls) : 'unknown')),
    )
  }

  /** `this` in, or an instance of, a class that extends the library's: its own when it leaves the methods alone. */
  #self(file: string, cls: number | undefined): Trace {
    return cls === undefined ? 'unknown' : this.#subclass(file, cls)
  }

  #subclass(file: string, id: number): Trace {
    const r = this.analysis.resolver
    const base = r
      .superValues(file, id)
      .find((each) => each.k === 'lib' && each.lib.kind === 'database')
    if (base?.k !== 'lib') return 'intercepted'
    const { members } = r.program.cls(file, id)
    const overrides = members.some((each) => memberOf(base.lib, base.entity, each.name))
    return overrides ? 'intercepted' : 'library'
  }

  #called(file: string, callee: ExprId, args: readonly ExprId[], depth: number): Trace {
    const r = this.analysis.resolver
    const target = r.program.expr(file, callee)
    return worst(
      r.expr(file, callee).map((value): Trace => {
        if (value.k === 'fn') return this.#returned(value, depth)
        if (value.k === 'libmember' && target.k === 'member') {
          // `pool.connect()` hands out what the pool itself made.
          return value.lib.kind === 'database' ? this.expr(file, target.object, depth) : 'unknown'
        }
        if (value.k === 'lib' && value.lib.kind === 'runtime')
          return this.#results(file, args[1], depth)
        if (value.k === 'lib') return value.lib.kind === 'database' ? 'library' : 'unknown'
        return 'unknown'
      }),
    )
  }

  /** `withSignal(signal, () => pool.connect())` gives what its callback gives. */
  #results(file: string, callback: ExprId | undefined, depth: number): Trace {
    if (callback === undefined) return 'unknown'
    return worst(
      this.analysis.resolver
        .expr(file, callback)
        .map((each) => (each.k === 'fn' ? this.#returned(each, depth) : 'unknown')),
    )
  }

  #returned(value: Value & { k: 'fn' }, depth: number): Trace {
    const fn = this.analysis.resolver.program.fn(value.file, value.fn)
    return worst(fn.returns.map((each) => this.expr(value.file, each, depth)))
  }

  #name(file: string, name: string, scope: number, depth: number): Trace {
    const r = this.analysis.resolver
    const binding = r.program.lookUp(file, name, scope)
    if (!binding) return 'unknown'
    if (binding.import) {
      const module = r.program.link(file, binding.import.module)
      return module === undefined ? 'unknown' : this.#export(module, binding.import.name, depth)
    }
    if (binding.over || binding.kind === 'catch') return 'unknown'
    if (this.#isReplaced(file, name)) return 'intercepted'
    if (binding.path.length > 0) return this.#destructured(file, binding, depth)
    if (binding.param) return this.#parameter(file, binding.param.fn, binding.param.index, depth)
    const made = [...(binding.init === undefined ? [] : [binding.init]), ...binding.writes]
    return worst(
      made
        .filter((each) => r.program.expr(file, each).k !== 'nothing')
        .map((each) => this.expr(file, each, depth)),
    )
  }

  /** `const { pool } = deps`, `({ pool }) => …` */
  #destructured(
    file: string,
    binding: {
      init: ExprId | undefined
      path: readonly object[]
      param: { fn: FnId; index: number } | undefined
    },
    depth: number,
  ): Trace {
    const [step, ...more] = binding.path
    if (more.length > 0 || !step || !('prop' in step)) return 'unknown'
    const name = String(step.prop)
    if (binding.param) {
      const { fn, index } = binding.param
      return this.#arguments(file, fn, index, (caller, arg) =>
        this.#property(caller, arg, name, depth),
      )
    }
    return binding.init === undefined ? 'unknown' : this.#property(file, binding.init, name, depth)
  }

  #property(file: string, object: ExprId, name: string, depth: number): Trace {
    const r = this.analysis.resolver
    return worst(
      r.expr(file, object).map((value): Trace => {
        if (value.k !== 'obj') return 'unknown'
        const expr = r.program.expr(value.file, value.expr)
        const prop = expr.k === 'obj' ? expr.props.find((each) => each.name === name) : undefined
        return prop ? this.expr(value.file, prop.value, depth) : 'unknown'
      }),
    )
  }

  #member(file: string, object: ExprId, name: string, depth: number): Trace {
    const r = this.analysis.resolver
    return worst(
      r.expr(file, object).map((value): Trace => {
        switch (value.k) {
          case 'inst':
            return this.#field(value, name, depth)
          case 'cls': {
            const members = r.program.cls(value.file, value.cls).members
            const field = members.find((each) => each.static && each.name === name)
            return field?.value === undefined
              ? 'unknown'
              : this.expr(value.file, field.value, depth)
          }
          case 'obj':
            return this.#property(file, object, name, depth)
          case 'ns':
            return this.#export(value.file, name, depth)
          default:
            return 'unknown'
        }
      }),
    )
  }

  #field(value: Value & { k: 'inst' }, name: string, depth: number): Trace {
    const { program } = this.analysis.resolver
    const cls = program.cls(value.file, value.cls)
    const ways: Trace[] = []
    for (const member of cls.members) {
      if (member.name !== name || member.static) continue
      if (member.kind === 'getter' && member.fn !== undefined) {
        const fn = program.fn(value.file, member.fn)
        ways.push(worst(fn.returns.map((each) => this.expr(value.file, each, depth))))
      }
      if (member.value !== undefined) ways.push(this.expr(value.file, member.value, depth))
      if (member.fromParam !== undefined) {
        const constructor = cls.members.find((each) => each.kind === 'constructor')?.fn
        ways.push(
          constructor === undefined
            ? 'unknown'
            : this.#parameter(value.file, constructor, member.fromParam, depth),
        )
      }
    }
    for (const field of cls.fields)
      if (field.name === name) ways.push(this.expr(value.file, field.value, depth))
    if (ways.length > 0) return worst(ways)
    return worst(
      this.analysis.resolver
        .superValues(value.file, value.cls)
        .map((base) => (base.k === 'inst' ? this.#field(base, name, depth) : 'unknown')),
    )
  }

  #export(file: string, name: string, depth: number): Trace {
    const { program } = this.analysis.resolver
    const facts = program.facts(file)
    for (const each of facts.exports) {
      if (each.name !== name && !(name === 'default' && each.name === 'export=')) continue
      if (each.kind === 'expr') return this.expr(file, each.expr, depth)
      if (each.kind === 'local') return this.#name(file, each.local, 0, depth)
      const next = program.link(file, each.module)
      return next === undefined || each.imported === '*'
        ? 'unknown'
        : this.#export(next, each.imported, depth)
    }
    for (const module of facts.stars) {
      const next = program.link(file, module)
      if (next === undefined || depth > MAX_DEPTH) continue
      const trace = this.#export(next, name, depth + 1)
      if (trace !== 'unknown') return trace
    }
    return 'unknown'
  }

  #parameter(file: string, fn: FnId, index: number, depth: number): Trace {
    return this.#arguments(file, fn, index, (caller, arg) => this.expr(caller, arg, depth))
  }

  /** Every argument that any call of the program gives to a parameter; unknown where not all calls are seen. */
  #arguments(
    file: string,
    fn: FnId,
    index: number,
    trace: (file: string, arg: ExprId) => Trace,
  ): Trace {
    const { program } = this.analysis.resolver
    const callers = this.analysis.callers.get(fnKey({ file, fn })) ?? []
    if (callers.length === 0) return this.#callbackArgument(file, fn, index)
    const param = program.fn(file, fn).params[index]
    return worst(
      callers.flatMap((node): Trace[] => {
        const call = program.expr(node.file, node.expr)
        if (node.kind !== 'call' || (call.k !== 'call' && call.k !== 'new')) return ['unknown']
        const callee = program.expr(node.file, call.callee)
        if (callee.k === 'member' && ['call', 'apply', 'bind'].includes(callee.name))
          return ['unknown']
        if (
          call.args.slice(0, index + 1).some((arg) => program.expr(node.file, arg).k === 'spread')
        )
          return ['unknown']
        const arg = call.args[index]
        if (arg !== undefined && program.expr(node.file, arg).k !== 'nothing')
          return [trace(node.file, arg)]
        // What is left out is the default, or nothing that could be called.
        if (param?.fallback !== undefined)
          return [param.fallback < 0 ? 'unknown' : trace(file, param.fallback)]
        return param?.optional === true || arg !== undefined ? [] : ['unknown']
      }),
    )
  }

  /** `withTransaction(pool, async (client) => …)`: what the own function gives to its callback. */
  #callbackArgument(file: string, fn: FnId, index: number): Trace {
    const r = this.analysis.resolver
    const { argOf } = r.program.fn(file, fn)
    return argOf ? this.#givenBy(file, argOf.call, argOf.index, index) : 'unknown'
  }

  /** What a call gives, at `index`, to the callback that is its argument at `position`. */
  #givenBy(file: string, id: ExprId, position: number, index: number): Trace {
    const r = this.analysis.resolver
    const call = r.program.expr(file, id)
    if (call.k !== 'call') return 'unknown'
    return worst(
      r.expr(file, call.callee).map((value): Trace => {
        if (value.k === 'libmember' && value.lib.kind === 'database') {
          const callee = r.program.expr(file, call.callee)
          return callee.k === 'member' ? this.expr(file, callee.object, 0) : 'unknown'
        }
        if (value.k !== 'fn') return 'unknown'
        return this.#givenToCallback(value.file, value.fn, position, index)
      }),
    )
  }

  #givenToCallback(file: string, fn: FnId, param: number, index: number): Trace {
    const key = `${file}\0${fn}\0${param}`
    // A function that hands its callback to itself gives it nothing new.
    if (this.#active.has(key)) return 'library'
    const { program } = this.analysis.resolver
    const name = program.fn(file, fn).params[param]?.name
    if (name === undefined) return 'unknown'
    this.#active.add(key)
    const facts = program.facts(file)
    const isCallback = (id: ExprId): boolean => {
      const expr = facts.exprs[id]
      if (expr?.k !== 'id' || expr.name !== name) return false
      return program.lookUp(file, name, expr.scope)?.param?.fn === fn
    }
    const given = facts.calls.flatMap((site): Trace[] => {
      const call = facts.exprs[site.expr]
      if (call?.k !== 'call') return []
      if (isCallback(call.callee)) {
        const arg = call.args[index]
        return [arg === undefined ? 'unknown' : this.expr(file, arg, 0)]
      }
      return call.args.flatMap((arg, at) =>
        isCallback(arg) ? [this.#givenBy(file, site.expr, at, index)] : [],
      )
    })
    this.#active.delete(key)
    return worst(given)
  }

  /** `client.query = …` puts something else in the method's place. */
  #isReplaced(file: string, name: string): boolean {
    const { program, catalog } = this.analysis.resolver
    const facts = program.facts(file)
    return facts.writes.some((write) => {
      const owner = facts.exprs[write.object]
      return owner?.k === 'id' && owner.name === name && catalog.gate.has(write.name)
    })
  }
}

/** The least sure of several ways; nothing known where there is none. */
function worst(ways: readonly Trace[]): Trace {
  if (ways.includes('intercepted')) return 'intercepted'
  return ways.length === 0 || ways.includes('unknown') ? 'unknown' : 'library'
}
