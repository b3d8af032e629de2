import type { Analysis } from '../graph/analysis.js'
import type { CallNode } from '../graph/model.js'
import type { Slot } from '../graph/slots.js'
import type { PassResult } from './pass.js'

const plainName = /^[A-Za-z_$][\w$]*$/

/**
 * `ids.map(load)` becomes `ids.map((id) => load(id, signal))`: with one more parameter the reference
 * would be given the index as its signal.
 */
export function referenceToArrow(
  analysis: Analysis,
  node: CallNode,
  text: string,
  slot: Slot,
  signal: string,
): PassResult {
  const [target] = node.targets
  if (!target || slot.kind === 'wrap') return { refusal: 'passed-as-value' }
  const { program } = analysis.resolver
  const fn = program.fn(target.file, target.fn)
  if (fn.usesArguments) return { refusal: 'uses-arguments-object' }
  const before = fn.params.slice(0, slot.index)
  if (before.some((each) => each.rest)) return { refusal: 'rest-parameter' }
  // What iterates gives the element, the index and the whole; a promise, its value alone.
  const needed =
    node.consumer === 'promise'
      ? before.filter((each) => !each.optional && each.fallback === undefined)
      : before
  const callee = text.slice(node.callee.start, node.callee.end)
  const taken = new Set([signal, ...(callee.match(/[\w$]+/g) ?? [])])
  const names = needed.map((each, index) => parameterName(each.name, index, taken))
  const gap = Array.from({ length: slot.index - needed.length }, () => 'undefined')
  const value =
    slot.kind === 'option'
      ? `{ ${signal === slot.key ? signal : `${slot.key}: ${signal}`} }`
      : signal
  const args = signal === 'undefined' ? names : [...names, ...gap, value]
  const arrow = `(${names.join(', ')}) => ${callee}(${args.join(', ')})`
  // `load.bind(repo)` goes as a whole.
  const { start, end } = program.expr(node.file, node.expr)
  return { edits: [{ file: node.file, start, end, text: arrow }] }
}

/** None that the callee has in it: `users.get(users)` would be another's. */
function parameterName(
  name: string | undefined,
  index: number,
  taken: ReadonlySet<string>,
): string {
  if (name !== undefined && plainName.test(name) && !taken.has(name)) return name
  const other = index === 0 ? 'item' : `argument${index}`
  return taken.has(other) ? `${other}_` : other
}
