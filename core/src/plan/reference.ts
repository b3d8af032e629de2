import { parentsOf } from '../facts/around.js'
import type { Expr, ExprId } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import type { CallNode } from '../graph/model.js'
import type { Slot } from '../graph/slots.js'
import type { PassResult } from './pass.js'
import { isSameAgain } from './same-again.js'

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
  if (isTriedFirst(analysis, node)) return { refusal: 'receiver-runs-again' }
  const self = givenThis(analysis, node)
  const again = self === undefined ? [handedOn(analysis, node)] : [handedOn(analysis, node), self]
  const isLater = node.consumer !== 'iteration'
  if (!again.every((each) => isSameAgain(analysis.resolver, node.file, each, text, isLater)))
    return { refusal: 'receiver-runs-again' }
  const callee = text.slice(node.callee.start, node.callee.end)
  const selfText = self === undefined ? undefined : textOf(analysis, node.file, self, text)
  const method = program.expr(node.file, handedOn(analysis, node))
  const owner = method.k === 'member' ? textOf(analysis, node.file, method.object, text) : undefined
  const isOwn = selfText === undefined || selfText === owner
  const called = isOwn ? callee : `${callee}.call`
  const taken = new Set([signal, ...(`${callee} ${selfText ?? ''}`.match(/[\w$]+/g) ?? [])])
  const names = needed.map((each, index) => parameterName(each.name, index, taken))
  const gap = Array.from({ length: slot.index - needed.length }, () => 'undefined')
  const value =
    slot.kind === 'option'
      ? `{ ${signal === slot.key ? signal : `${slot.key}: ${signal}`} }`
      : signal
  const given = signal === 'undefined' ? names : [...names, ...gap, value]
  const args = isOwn ? given : [selfText, ...given]
  const arrow = `(${names.join(', ')}) => ${called}(${args.join(', ')})`
  // `load.bind(repo)` goes as a whole.
  const { start, end } = program.expr(node.file, node.expr)
  const written = isBareIn(parentOf(analysis, node), node.expr) ? arrow : `(${arrow})`
  return { edits: [{ file: node.file, start, end, text: written }] }
}

function parentOf({ resolver: { program } }: Analysis, { file, expr }: CallNode): Expr | undefined {
  const facts = program.facts(file)
  return facts.exprs[parentsOf(facts).get(expr) ?? -1]
}

/** `ids.map(custom ?? find)`: an arrow in the place of `custom` would be there where that is not. */
function isTriedFirst(analysis: Analysis, node: CallNode): boolean {
  const parent = parentOf(analysis, node)
  return parent?.k === 'either' && parent.of.length === 2 && parent.of[0] === node.expr
}

/** An argument, or a branch of `a ? b : c`: elsewhere an arrow would take in what follows it. */
function isBareIn(parent: Expr | undefined, id: ExprId): boolean {
  if (parent?.k === 'either') return parent.of.length > 2
  return (parent?.k === 'call' || parent?.k === 'new') && parent.args.includes(id)
}

/** The function's name or member; of `load.bind(repo)` what is bound. */
function handedOn({ resolver: { program } }: Analysis, { file, expr: id }: CallNode): ExprId {
  const expr = program.expr(file, id)
  const callee = expr.k === 'call' ? program.expr(file, expr.callee) : undefined
  return callee?.k === 'member' && callee.name === 'bind' ? callee.object : id
}

/** The `this` that `ids.map(load, repo)` gives, to a function that is not bound. */
function givenThis({ resolver: { program } }: Analysis, node: CallNode): ExprId | undefined {
  const expr = program.expr(node.file, node.expr)
  const callee = expr.k === 'call' ? program.expr(node.file, expr.callee) : undefined
  if (expr.k === 'call')
    return callee?.k === 'member' && callee.name === 'bind' ? expr.args[0] : undefined
  const call = program.expr(node.file, node.site.expr)
  if (node.consumer !== 'iteration' || call.k !== 'call') return undefined
  const index = call.args.findIndex((each) => {
    const { start, end } = program.expr(node.file, each)
    return start <= expr.start && expr.end <= end
  })
  return call.args[index + 1]
}

function textOf(
  { resolver: { program } }: Analysis,
  file: string,
  id: ExprId,
  text: string,
): string {
  const { start, end } = program.expr(file, id)
  return text.slice(start, end)
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
