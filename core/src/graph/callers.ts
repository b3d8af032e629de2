import { append } from '../append.js'
import { fnKey, type CallNode, type FnKey } from './model.js'

/** The calls that lead to each function. */
export function callersOf(calls: readonly CallNode[]): ReadonlyMap<FnKey, readonly CallNode[]> {
  const callers = new Map<FnKey, CallNode[]>()
  for (const node of calls)
    for (const target of node.targets) {
      append(callers, fnKey(target), node)
    }
  return callers
}
