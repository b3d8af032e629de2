/**
 * What the libraries call an assertion on the arguments of a call, and how exact it is. Sources:
 * https://jestjs.io/docs/expect, https://vitest.dev/api/expect (and its chai names, from 4.1),
 * https://sinonjs.org/releases/latest/spies, https://github.com/chaijs/sinon-chai,
 * https://nodejs.org/api/test.html#class-mockfunctioncontext
 */

/** Every argument, by the number of arguments that come before those of the call: `toHaveBeenNthCalledWith(1, …)`. */
export const exactMatchers: ReadonlyMap<string, number> = new Map([
  ['toHaveBeenCalledWith', 0],
  ['toBeCalledWith', 0],
  ['toHaveBeenLastCalledWith', 0],
  ['lastCalledWith', 0],
  ['toHaveBeenNthCalledWith', 1],
  ['nthCalledWith', 1],
  ['toHaveBeenCalledExactlyOnceWith', 0],
  ['toHaveBeenCalledOnceWith', 0],
  ['calledWithExactly', 0],
  ['calledOnceWithExactly', 0],
  ['alwaysCalledWithExactly', 0],
])

/** Of Sinon: as many arguments as are given, which more at the end do not disturb. Vitest means all of them. */
export const leadingMatchers: ReadonlySet<string> = new Set([
  'calledWith',
  'calledOnceWith',
  'alwaysCalledWith',
  'neverCalledWith',
])

/** Comparisons that take asymmetric matchers within what is expected. */
export const matchingEquality: ReadonlySet<string> = new Set([
  'toEqual',
  'toStrictEqual',
  'toMatchObject',
  'toContainEqual',
])

/** Comparisons of `node:assert` and of chai, to which a matcher is an object like others. */
export const plainEquality: ReadonlySet<string> = new Set([
  'deepEqual',
  'deepStrictEqual',
  'eql',
  'eqls',
  'equal',
  'equals',
])

/** What else is said of the arguments of a call as a whole. */
export const wholeMatchers: ReadonlySet<string> = new Set([
  'toHaveLength',
  'lengthOf',
  'toMatchSnapshot',
  'toMatchInlineSnapshot',
])

/** Calls that make a spy of the member that their second argument names. */
export const spyMakers: ReadonlySet<string> = new Set(['spyOn', 'spy', 'stub', 'method'])

/** Calls that give back the function that they are given, as a spy. */
export const spyWrappers: ReadonlySet<string> = new Set(['mocked', 'spy', 'fn'])

/** Members of a spy that are one of its calls. */
export const singleCalls: ReadonlySet<string> = new Set([
  'firstCall',
  'secondCall',
  'thirdCall',
  'lastCall',
])

/** Of Jest and Vitest, and of Sinon: what matches options that have one key more. */
export const looseMatchers: ReadonlySet<string> = new Set([
  'objectContaining',
  'anything',
  'any',
  'match',
])
