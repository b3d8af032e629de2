import type { CallSite, FileFacts } from '../facts/types.js'
import { oncePer } from '../once-per.js'
import { bareNode } from './bare-node.js'
import type { CallNode } from './model.js'
import { givenIn } from './given.js'
import { sourcesFor, type Scene } from './sources.js'

/**
 * Calls into packages that the catalog does not know, which take a signal by their types and are given none,
 * where one is at hand. Each costs a question to a type checker, so that nothing is asked about the others.
 *
 * @param known whether something is known of what an expression calls
 */
export function foreignCalls(
  scene: Scene,
  file: string,
  known: ReadonlySet<CallSite>,
): readonly CallNode[] {
  const { resolver: r } = scene
  const takes = r.ask?.takes
  const facts = r.program.facts(file)
  if (!takes || !mentionsSignals(facts)) return []
  return facts.calls.flatMap((site, index): readonly CallNode[] => {
    const call = r.program.expr(file, site.expr)
    // Whether work that nobody waits for is to end with its caller is not for a type to say.
    if (call.k !== 'call' || site.use === 'void' || known.has(site)) return []
    if (r.expr(file, call.callee).some((each) => each.k !== 'external')) return []
    // Numbered beside those that have been read.
    const node = bareNode(r, file, site, -1 - index, '')
    const [source] = sourcesFor(scene, node)
    // Work for later, and what a request could be made to give, is for calls of which more is known.
    if (!source || source.deferred || source.rank < 0 || !atHand.has(source.kind)) return []
    const slot = takes(file, site.expr)
    if (!slot) return []
    const given = givenIn(r, file, call, slot)
    return given.k === 'missing' ? [{ ...node, slot, given }] : []
  })
}

const atHand: ReadonlySet<string> = new Set(['binding', 'member', 'this'])

/** Whether a name or a type of the file has to do with signals. */
const mentionsSignals = oncePer(({ bindings, types, exprs }: FileFacts): boolean => {
  const isOne = (name: string) => /signal|abort/i.test(name)
  return (
    bindings.some((each) => isOne(each.name)) ||
    types.some((each) => each.k === 'ref' && each.name.some(isOne)) ||
    exprs.some((each) => each.k === 'member' && isOne(each.name))
  )
})
