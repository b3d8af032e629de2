import type { CallSite, Expr, ExprId, FileFacts } from '@ctx-fix/core'
import { bare, recordedArguments, spiedNames, type TestFile } from './spies.js'
import {
  exactMatchers,
  leadingMatchers,
  matchingEquality,
  plainEquality,
  wholeMatchers,
} from './vocabulary.js'

type Call = Expr & { k: 'call' | 'new' }

/** An assertion on the arguments that a function was called with. */
export interface Assertion {
  readonly site: CallSite
  /** What the function may be called. */
  readonly names: ReadonlySet<string>
  /** Holds for more arguments than it names, if they come last. */
  readonly isLeading: boolean
  readonly expected: Expected
}

export type Expected =
  /** The arguments of the assertion from a position on. */
  | { readonly k: 'arguments'; readonly from: number; readonly by: Matching }
  /** Lists in the text, one for each call, compared with what takes asymmetric matchers, and takes nothing for undefined. */
  | { readonly k: 'lists'; readonly lists: readonly ExprId[] }
  /** Lists in the text, one for each call, compared with recorded arguments by what does not do both. */
  | {
      readonly k: 'slices'
      readonly lists: readonly ExprId[]
      readonly recorded: ExprId
      /** Whether what is recorded is a list of calls. */
      readonly isList: boolean
      /** Whether it takes asymmetric matchers all the same. */
      readonly isMatching: boolean
    }
  /** Only a person can say what is to become of it. */
  | { readonly k: 'other' }

/** Whose matcher stands for any value: `anySignal`, or `sinon.match.any` by the local name of Sinon. */
export type Matching =
  { readonly k: 'asymmetric' } | { readonly k: 'sinon'; readonly name?: string }

/** What a call asserts, if it is an assertion on arguments. */
export function assertionAt(file: TestFile, site: CallSite): Assertion | undefined {
  const { exprs } = file.facts
  const call = exprs[site.expr]
  const callee = call?.k === 'call' ? exprs[call.callee] : undefined
  if (call?.k !== 'call' || callee?.k !== 'member') return undefined
  return ofMatcher(file, site, call, callee) ?? ofRecorded(file, site, call, callee)
}

/** `expect(find).not.toHaveBeenCalledWith('1')`, `sinon.assert.calledWithExactly(find, '1')`, `find.calledWithExactly('1')`. */
function ofMatcher(
  file: TestFile,
  site: CallSite,
  call: Call,
  { name, object }: Expr & { k: 'member' },
): Assertion | undefined {
  const skipped = exactMatchers.get(name)
  const isLeadingName = leadingMatchers.has(name)
  if (skipped === undefined && !isLeadingName) return undefined
  const subject = subjectOf(file.facts, object)
  const isStubbing = subject?.of === 'when'
  const isLeading = isLeadingName && !isStubbing && usesSinon(file, subject)
  const isOfSinon = name.endsWith('Exactly') || isLeading
  const by: Matching = isOfSinon ? { k: 'sinon', ...nameOfSinon(file.facts) } : { k: 'asymmetric' }
  const made = (of: ExprId | undefined, from: number): Assertion => ({
    site,
    names: spiedNames(file, of),
    isLeading,
    expected: { k: 'arguments', from, by },
  })
  if (subject) return made(subject.expr, skipped ?? 0)
  // Without `expect`: an assertion of Sinon, or a question to a spy of Sinon.
  const holder = bare(file.facts, object)
  const isAssert = (holder?.k === 'member' || holder?.k === 'id') && /^assert/i.test(holder.name)
  return isAssert ? made(call.args[0], 1) : made(object, 0)
}

/** `expect(find.mock.calls[0]).toEqual(['1'])`, `assert.deepEqual(find.mock.calls[0].arguments, ['1'])`. */
function ofRecorded(
  file: TestFile,
  site: CallSite,
  call: Call,
  { name, object }: Expr & { k: 'member' },
): Assertion | undefined {
  const isMatching = matchingEquality.has(name)
  const isPlain = plainEquality.has(name)
  const isWhole = wholeMatchers.has(name)
  if (!isMatching && !isPlain && !isWhole && name !== 'toBe') return undefined
  const subject = subjectOf(file.facts, object)
  const [actual, wanted] = subject ? [subject.expr, call.args[0]] : [call.args[0], call.args[1]]
  const held = recordedArguments(file, actual)
  if (!held || actual === undefined) return undefined
  // How many calls there were, a signal does not change.
  if (held.isList && isWhole && !name.includes('Snapshot')) return undefined
  const made = (expected: Expected): Assertion => ({
    site,
    names: held.names,
    isLeading: false,
    expected,
  })
  const list = bare(file.facts, wanted)
  if (held.isBlurred === true || wanted === undefined || list?.k !== 'arr')
    return made({ k: 'other' })
  const isOneCall = !held.isList || name === 'toContainEqual'
  const lists = isOneCall ? [wanted] : list.of
  if (name === 'toStrictEqual') return made({ k: 'lists', lists })
  return made({ k: 'slices', lists, recorded: actual, isList: held.isList, isMatching })
}

/** What stands in `expect(…)` or `when(…)` at the beginning of a chain. */
function subjectOf(
  { exprs }: FileFacts,
  chain: ExprId,
): { readonly expr: ExprId | undefined; readonly of: string; readonly callee: ExprId } | undefined {
  let at = exprs[chain]
  while (at?.k === 'member') at = exprs[at.object]
  const callee = at?.k === 'call' ? exprs[at.callee] : undefined
  if (at?.k !== 'call' || callee?.k !== 'id') return undefined
  return { expr: at.args[0], of: callee.name, callee: at.callee }
}

/** Where `calledWith` is Sinon's: by what the file imports, or as `expect` is that of chai. */
function usesSinon({ facts, program }: TestFile, subject: ReturnType<typeof subjectOf>): boolean {
  if (facts.modules.some((each) => /^(?:sinon|sinon-chai|@sinonjs\/.*)$/.test(each))) return true
  if (!subject) return true
  const callee = facts.exprs[subject.callee]
  const binding = callee?.k === 'id' && program.lookUp(facts.path, callee.name, callee.scope)
  return binding ? binding.import?.module === 'chai' : false
}

function nameOfSinon({ bindings, exprs }: FileFacts): { readonly name?: string } {
  const found = bindings.find(({ import: imported, init, path }) => {
    if (imported) return imported.module === 'sinon' && /^(?:default|\*)$/.test(imported.name)
    const call = exprs[init ?? -1]
    const callee = call?.k === 'call' ? exprs[call.callee] : undefined
    const module = call?.k === 'call' ? exprs[call.args[0] ?? -1] : undefined
    const isRequire = callee?.k === 'id' && callee.name === 'require' && module?.k === 'str'
    return isRequire && module.value === 'sinon' && path.length === 0
  })
  return found ? { name: found.name } : {}
}
