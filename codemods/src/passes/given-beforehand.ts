import { givenIn, givenShifted, isSignal, type Analysis, type CallNode } from '@ctx-fix/core'

/**
 * What a call has already in the place that its callee is only now given: the signal, where a run was ended
 * between the files of caller and callee, or where a person has begun with the caller.
 *
 * @param signal the one that would be passed, as it is written.
 */
export function givenBeforehand(
  { resolver }: Analysis,
  { file, kind, site, slot, shift }: CallNode,
  text: string,
  signal: string,
): 'nothing' | 'signal' | 'something else' {
  const call = resolver.program.expr(file, site.expr)
  if (kind === 'reference' || !slot || (call.k !== 'call' && call.k !== 'new')) return 'nothing'
  const given = shift
    ? givenShifted(resolver, file, call, slot, shift)
    : givenIn(resolver, file, call, slot)
  if (given.k === 'decided') return 'signal'
  if (given.k !== 'signal') return 'nothing'
  const { start, end } = resolver.program.expr(file, given.expr)
  const isOne = text.slice(start, end) === signal || resolver.expr(file, given.expr).some(isSignal)
  return isOne ? 'signal' : 'something else'
}
