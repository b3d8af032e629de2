import { traceReceiver } from '../graph/trace.js'
import type { Analysis } from '../graph/analysis.js'
import type { CallNode, SignalSource } from '../graph/model.js'

/** What to write for a call to get a signal, with what its function has to take for that. */
export function useOfSource(analysis: Analysis, node: CallNode, source: SignalSource): string {
  const { parameter, part } = source.request ?? {}
  if (parameter && parameter.request === undefined)
    return `take \`${source.text}\` and ${useOf(analysis, node, 'signal')}`
  const use = useOf(analysis, node, source.text)
  return part && part.local === undefined ? `take \`${part.key}\` too and ${use}` : use
}

/** What to write at a call for it to get the signal, in the shape that the fix gives it. */
function useOf(analysis: Analysis, node: CallNode, signal: string): string {
  const { slot } = node
  if (!slot || slot.kind === 'argument') return `pass \`${signal}\``
  if (slot.kind === 'wrap' || mayIntercept(analysis, node))
    return `call it in \`withSignal(${signal}, () => …)\``
  const own = signal === slot.key ? signal : `${slot.key}: ${signal}`
  const also = Object.entries(slot.also ?? {}).map(([key, value]) => `${key}: '${value}'`)
  return `pass \`{ ${[...(slot.lift?.slice(0, 1) ?? []), own, ...also].join(', ')} }\``
}

/** Of a key that only the runtime knows: whether something else than the library could read it. */
function mayIntercept(analysis: Analysis, node: CallNode): boolean {
  const { slot, sink } = node
  if (slot?.kind !== 'option' || slot.native === true || sink?.library.kind !== 'database')
    return false
  return traceReceiver(analysis, node) !== 'library'
}

/** What goes on where nothing aborts it, in the words of its library. */
export function workOf({ sink }: CallNode): string {
  if (sink?.spec.onlyInScope === true) return 'wait'
  return sink?.library.kind === 'database' ? 'statement' : 'call'
}
