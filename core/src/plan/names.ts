import type { ImportNeed } from '../edits/plan.js'
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

/** Which export each local name stands for that steps of a plan import, by file and name. */
export type ImportedNames = Map<string, string>

/**
 * The local name of an export: the one that the file has, or one to import. What two modules export under one
 * name gets two in a file that needs both: `requestSignal` and `requestSignalOfKoa`.
 */
export function importAs(
  facts: FileFacts,
  fn: FnId,
  module: string,
  name: string,
  names: ImportedNames = new Map(),
): { readonly local: string; readonly imports: readonly ImportNeed[] } {
  const known = importedName(facts, module, name)
  if (known !== undefined) return { local: known, imports: [] }
  const owner = `${module}#${name}`
  const keyOf = (local: string) => `${facts.path}\0${local}`
  const others = new Set([...names].flatMap(([key, by]) => (by === owner ? [] : [key])))
  const taken = namesSeen(facts, fn)
  const isFree = (local: string) => !taken.has(local) && !others.has(keyOf(local))
  const wanted = others.has(keyOf(name)) ? `${name}Of${telling(module)}` : name
  let local = wanted
  for (let count = 2; !isFree(local); count += 1) local = `${wanted}${count}`
  names.set(keyOf(local), owner)
  const need = { file: facts.path, module, name, ...(local === name ? {} : { local }) }
  return { local, imports: [need] }
}

/** `Koa` of `@ctx-fix/runtime/koa`, `PgBoss` of `…/pg-boss`. */
function telling(module: string): string {
  const words = module.slice(module.lastIndexOf('/') + 1).split(/\W+/)
  return words.map((each) => each.slice(0, 1).toUpperCase() + each.slice(1)).join('')
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
