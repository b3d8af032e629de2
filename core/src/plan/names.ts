import { append } from '../append.js'
import { oncePer } from '../once-per.js'
import type { ImportNeed } from '../edits/plan.js'
import type { FileFacts, FnId } from '../facts/types.js'
import { firstFrom } from '../facts/text.js'

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
  const { declared, inner, used } = namesOf(facts)
  const names = new Set<string>()
  const add = (id: FnId) => {
    for (const name of declared.get(id) ?? []) names.add(name)
  }
  for (let at = facts.functions[fn]?.parent; at !== undefined; at = facts.functions[at]?.parent)
    add(at)
  const below = [fn]
  for (let at = below.pop(); at !== undefined; at = below.pop()) {
    add(at)
    below.push(...(inner.get(at) ?? []))
  }
  const span = facts.functions[fn]
  for (let at = span ? firstFrom(used, span.start) : Infinity; span; at += 1) {
    const each = used[at]
    if (!each || each.start >= span.end) break
    names.add(each.name)
  }
  return names
}

interface Names {
  /** By the function that they are declared in. */
  readonly declared: ReadonlyMap<FnId, readonly string[]>
  /** The functions that stand directly in a function. */
  readonly inner: ReadonlyMap<FnId, readonly FnId[]>
  /** In the order of the text. */
  readonly used: readonly { readonly start: number; readonly name: string }[]
}

/** A file with thousands of reports asks as often. */
const namesOf = oncePer((facts: FileFacts): Names => {
  const declared = new Map<FnId, string[]>()
  for (const { fn, name } of facts.bindings) append(declared, fn, name)
  const inner = new Map<FnId, FnId[]>()
  for (const { id, parent } of facts.functions) if (parent !== undefined) append(inner, parent, id)
  const used = facts.exprs
    .flatMap((each) => (each.k === 'id' ? [each] : []))
    .sort((a, b) => a.start - b.start)
  return { declared, inner, used }
})
