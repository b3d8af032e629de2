import type { FnId } from '../facts/types.js'
import { libraryCall } from '../resolve/calls.js'
import { matches } from '../resolve/context.js'
import type { Resolver } from '../resolve/resolver.js'
import { isSignal } from '../resolve/values.js'
import { requestOf } from './request.js'

const listeners = new Set([
  'on',
  'once',
  'addListener',
  'prependListener',
  'addEventListener',
  'subscribe',
])

/**
 * A function that runs when something else happens: no caller's signal reaches it. Listeners on the
 * request itself belong to the request.
 */
export function isListener(r: Resolver, file: string, id: FnId): boolean {
  const { argOf } = r.program.fn(file, id)
  if (!argOf || argOf.index === 0) return isRepeated(r, file, id)
  const call = r.program.expr(file, argOf.call)
  if (call.k !== 'call') return false
  const callee = r.program.expr(file, call.callee)
  if (callee.k !== 'member' || !listeners.has(callee.name)) return false
  const owner = r.expr(file, callee.object)
  return (
    !requestOf(owner) && !owner.some((each) => each.k === 'lib' && each.lib.kind === 'framework')
  )
}

/** `signal.addEventListener('abort', …)`: what is done there is cleanup. */
export function isAbortListener(r: Resolver, file: string, id: FnId): boolean {
  const { argOf } = r.program.fn(file, id)
  const call = argOf && r.program.expr(file, argOf.call)
  const callee = call?.k === 'call' ? r.program.expr(file, call.callee) : undefined
  return callee?.k === 'member' && r.expr(file, callee.object).some(isSignal)
}

/** A callback of `setInterval`. */
export function isRepeated(r: Resolver, file: string, id: FnId): boolean {
  return calleeName(r, file, id) === 'setInterval'
}

/** A callback of `setTimeout`, `setImmediate`, `queueMicrotask` or `process.nextTick`. */
export function isDeferred(r: Resolver, file: string, id: FnId): boolean {
  const { argOf } = r.program.fn(file, id)
  if (!argOf) return false
  const call = r.program.expr(file, argOf.call)
  if (call.k !== 'call') return false
  const last = call.args.length - 1
  return r
    .expr(file, call.callee)
    .some((value) =>
      libraryCall(value)?.member.callbacks?.some(
        (each) => each.deferred === true && matches(each, argOf.index, last),
      ),
    )
}

function calleeName(r: Resolver, file: string, id: FnId): string | undefined {
  const { argOf } = r.program.fn(file, id)
  if (!argOf) return undefined
  const call = r.program.expr(file, argOf.call)
  if (call.k !== 'call') return undefined
  const callee = r.program.expr(file, call.callee)
  return callee.k === 'id' || callee.k === 'member' ? callee.name : undefined
}
