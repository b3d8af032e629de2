import type { Expr, ExprId, FileFacts, PathStep, Program } from '@ctx-fix/core'
import { singleCalls, spyMakers, spyWrappers } from './vocabulary.js'

/** A file of tests, to be asked what its expressions stand for. */
export interface TestFile {
  readonly program: Program
  readonly facts: FileFacts
}

/** Deep enough for every test that a person would read. */
const DEPTH = 12

/** The expression without what only the type checker reads. */
export function bare(facts: FileFacts, id: ExprId | undefined): Expr | undefined {
  let at = facts.exprs[id ?? -1]
  while (at?.k === 'as' || at?.k === 'nonnull' || at?.k === 'await') at = facts.exprs[at.of]
  return at
}

/** Names that the function behind a spy may be called by: as a test has it, and as it is handed to others. */
export function spiedNames(file: TestFile, id: ExprId | undefined, depth = 0): ReadonlySet<string> {
  const { facts, program } = file
  const expr = bare(facts, id)
  if (!expr || depth > DEPTH) return new Set()
  if (expr.k === 'member') return new Set([expr.name])
  if (expr.k === 'id') {
    const binding = program.lookUp(facts.path, expr.name, expr.scope)
    const step = binding?.path.at(-1)
    const imported = binding?.import?.name
    return new Set([
      expr.name,
      ...(imported === undefined ? [] : [imported]),
      ...(step && 'prop' in step ? [step.prop] : []),
      ...(binding?.path.length === 0 ? spiedNames(file, binding.init, depth + 1) : []),
      ...namesGiven(facts, expr.name),
    ])
  }
  if (expr.k !== 'call') return new Set()
  const callee = bare(facts, expr.callee)
  if (callee?.k !== 'member' && callee?.k !== 'id') return new Set()
  const named = bare(facts, expr.args[1])
  if (named?.k === 'str' && named.complete && spyMakers.has(callee.name))
    return new Set([named.value])
  if (spyWrappers.has(callee.name) && expr.args.length > 0)
    return spiedNames(file, expr.args[0], depth + 1)
  // `vi.spyOn(repo, 'find').mockResolvedValue(row)`
  const object = callee.k === 'member' ? bare(facts, callee.object) : undefined
  return callee.k === 'member' && object?.k === 'call'
    ? spiedNames(file, callee.object, depth + 1)
    : new Set()
}

/** `find` of `{ find: findMock }` and of `repo.find = findMock`. */
function namesGiven({ exprs, writes }: FileFacts, local: string): readonly string[] {
  const isLocal = (id: ExprId) => {
    const value = exprs[id]
    return value?.k === 'id' && value.name === local
  }
  const properties = exprs.flatMap((each) =>
    each.k === 'obj'
      ? each.props.flatMap(({ name, value }) =>
          name !== undefined && isLocal(value) ? [name] : [],
        )
      : [],
  )
  const written = writes.flatMap(({ name, value }) => (isLocal(value) ? [name] : []))
  return [...properties, ...written]
}

/** The arguments that a spy has recorded. */
export interface Recorded {
  readonly names: ReadonlySet<string>
  /** Of all calls, as a list of lists; else of one. */
  readonly isList: boolean
  /** Of all calls, one behind the other, or how many there are of one: a person has to say what it is now. */
  readonly isBlurred?: boolean
}

/** What `find.mock.calls`, `find.mock.calls[0].arguments`, `find.firstCall.args` and their like hold. */
export function recordedArguments(file: TestFile, id: ExprId | undefined): Recorded | undefined {
  return heldBy(file, id, 0)
}

function heldBy(file: TestFile, id: ExprId | undefined, depth: number): Recorded | undefined {
  const { facts, program } = file
  const expr = bare(facts, id)
  if (!expr || depth > DEPTH) return undefined
  const below = (of: ExprId | undefined) => heldBy(file, of, depth + 1)
  if (expr.k === 'id') {
    const binding = program.lookUp(facts.path, expr.name, expr.scope)
    const [first, ...more] = binding?.path ?? []
    const init = bare(facts, binding?.init)
    // `const { calls } = find.mock`
    const isOfMock = init?.k === 'member' && init.name === 'mock' && first && 'prop' in first
    if (isOfMock) return stepsOf(memberOfSpy(file, init.object, first.prop), more)
    return stepsOf(binding && below(binding.init), binding?.path ?? [])
  }
  if (expr.k === 'index' || (expr.k === 'member' && /^\d+$/.test(expr.name))) {
    const held = below(expr.object)
    return held && partOf(held, { element: 0 })
  }
  if (expr.k === 'call') return heldByCall(file, expr, depth)
  if (expr.k !== 'member') return undefined
  const inner = bare(facts, expr.object)
  const spy = inner?.k === 'member' && inner.name === 'mock' ? inner.object : undefined
  if (spy !== undefined && expr.name === 'calls') return memberOfSpy(file, spy, expr.name)
  if (singleCalls.has(expr.name)) return memberOfSpy(file, spy ?? expr.object, expr.name)
  if (expr.name === 'length') {
    const counted = below(expr.object)
    return counted && !counted.isList ? { ...counted, isBlurred: true } : undefined
  }
  if (expr.name !== 'arguments' && expr.name !== 'args') return undefined
  const held = below(expr.object)
  if (held || expr.name === 'arguments') return held
  return { names: spiedNames(file, expr.object), isList: true }
}

function memberOfSpy(file: TestFile, spy: ExprId, name: string): Recorded | undefined {
  if (name !== 'calls' && !singleCalls.has(name)) return undefined
  return { names: spiedNames(file, spy), isList: name === 'calls' }
}

function stepsOf(from: Recorded | undefined, path: readonly PathStep[]): Recorded | undefined {
  return path.reduce<Recorded | undefined>((held, step) => held && partOf(held, step), from)
}

/** `calls.at(-1)`, `find.getCall(0)`, `calls.map((call) => call.arguments)`. */
function heldByCall(
  file: TestFile,
  expr: Expr & { k: 'call' | 'new' },
  depth: number,
): Recorded | undefined {
  const { facts } = file
  const callee = bare(facts, expr.callee)
  if (callee?.k !== 'member') return undefined
  if (callee.name === 'getCall') return { names: spiedNames(file, callee.object), isList: false }
  const held = heldBy(file, callee.object, depth + 1)
  if (callee.name === 'at') return held && partOf(held, { element: 0 })
  if (callee.name === 'flat' && held?.isList === true)
    return { ...held, isList: false, isBlurred: true }
  if (callee.name !== 'map' || held?.isList !== true) return undefined
  const mapper = bare(facts, expr.args[0])
  const returned = mapper?.k === 'fn' ? facts.functions[mapper.fn]?.returns[0] : undefined
  const value = bare(facts, returned)
  const isWhole = value?.k === 'member' && (value.name === 'arguments' || value.name === 'args')
  return isWhole ? held : undefined
}

/** One call of a list of calls; of one call an argument, which a signal behind it does not change. */
function partOf(held: Recorded, step: PathStep): Recorded | undefined {
  if ('element' in step) return held.isList ? { ...held, isList: false } : undefined
  // `const [{ arguments: given }] = find.mock.calls`
  return 'prop' in step && (step.prop === 'arguments' || step.prop === 'args') ? held : undefined
}
