import type { FileFacts, FnId } from '../facts/types.js'

const candidates = ['signal', 'abortSignal', 'cancelSignal', 'requestAbort']

/** A name for a signal in a function that means nothing else there, around it or in functions inside it. */
export function freeSignalName(facts: FileFacts, fn: FnId): string {
  const taken = namesSeen(facts, fn)
  for (const name of candidates) if (!taken.has(name)) return name
  for (let count = 2; ; count += 1) {
    const name = `signal${count}`
    if (!taken.has(name)) return name
  }
}

/** The local name of a module's export, imported or required. */
export function importedName(facts: FileFacts, module: string, name: string): string | undefined {
  return facts.bindings.find((each) => {
    if (each.import) return each.import.module === module && each.import.name === name
    const [step] = each.path
    if (!step || !('prop' in step) || step.prop !== name) return false
    const init = facts.exprs[each.init ?? -1]
    const callee = init?.k === 'call' ? facts.exprs[init.callee] : undefined
    const argument = init?.k === 'call' ? facts.exprs[init.args[0] ?? -1] : undefined
    return (
      callee?.k === 'id' &&
      callee.name === 'require' &&
      argument?.k === 'str' &&
      argument.value === module
    )
  })?.name
}

export function freeName(facts: FileFacts, fn: FnId, wanted: string): string {
  const taken = namesSeen(facts, fn)
  let name = wanted
  for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`
  return name
}

function namesSeen(facts: FileFacts, fn: FnId): Set<string> {
  const related = new Set<FnId>()
  for (let at: FnId | undefined = fn; at !== undefined; at = facts.functions[at]?.parent)
    related.add(at)
  // A function's id is higher than that of the function around it.
  for (const each of facts.functions)
    if (each.id > fn && each.parent !== undefined && each.parent >= fn && related.has(each.parent))
      related.add(each.id)
  const names = new Set<string>()
  for (const binding of facts.bindings) if (related.has(binding.fn)) names.add(binding.name)
  for (const expr of facts.exprs)
    if (expr.k === 'id' && within(facts, expr.start, fn)) names.add(expr.name)
  return names
}

function within(facts: FileFacts, position: number, fn: FnId): boolean {
  const span = facts.functions[fn]
  return span !== undefined && span.start <= position && position < span.end
}
