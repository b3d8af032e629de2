import {
  fnKey,
  implementations,
  overrides,
  placedFunctions,
  type Analysis,
  type FnKey,
  type FnRef,
  type Refusal,
} from '@ctx-fix/core'
import { declaringValues, familyOf } from './family.js'

/** What stands before the signal in every function and signature that belong together. */
export interface FamilyWidth {
  /** Position of the signal: behind the parameters of the longest of them. */
  readonly index: number
  /** What the parameters are called, where one of them gives them a name. */
  readonly names: readonly string[]
}

export type FamilyWidthResult = FamilyWidth | { readonly refusal: Refusal }

const known = new WeakMap<Analysis, Map<FnKey, FamilyWidthResult>>()

/**
 * The place for a signal that no function of a family has another parameter in: overloads, what declares a
 * method, and all that implement or override it, whether they want a signal or not.
 */
export function familyWidth(analysis: Analysis, unit: FnRef): FamilyWidthResult {
  const byFunction = known.get(analysis) ?? new Map<FnKey, FamilyWidthResult>()
  known.set(analysis, byFunction)
  const found = byFunction.get(fnKey(unit))
  if (found) return found
  const relatives = relativesOf(analysis, unit)
  const width = widthOf(analysis, relatives)
  for (const each of relatives) byFunction.set(fnKey(each), width)
  return width
}

/** A function, and all that share a declaration with it, directly or through others. */
export function relativesOf(analysis: Analysis, unit: FnRef): readonly FnRef[] {
  const r = analysis.resolver
  const seen = new Map<FnKey, FnRef>()
  const queue = [unit]
  for (let ref = queue.pop(); ref; ref = queue.pop()) {
    if (seen.has(fnKey(ref))) continue
    seen.set(fnKey(ref), ref)
    const { file } = ref
    const fn = r.program.fn(file, ref.fn)
    const self =
      fn.kind === 'method' && fn.cls !== undefined && !fn.static
        ? r.member([{ k: 'inst', file, cls: fn.cls, args: [], by: 'value' }], fn.name)
        : []
    for (const value of [...self, ...declaringValues(analysis, ref, fn)]) {
      if (value.k === 'sig' && value.owner)
        queue.push(...implementations(r, value.owner, value.name))
      if (value.k === 'sig') queue.push(...placedFunctions(r, value))
      if (value.k === 'fn') queue.push({ file: value.file, fn: value.fn }, ...overrides(r, value))
    }
  }
  return [...seen.values()].toSorted((a, b) => a.file.localeCompare(b.file) || a.fn - b.fn)
}

interface Parameters {
  readonly params: readonly { readonly name?: string | undefined; readonly rest: boolean }[]
}

function widthOf(analysis: Analysis, relatives: readonly FnRef[]): FamilyWidthResult {
  const { program } = analysis.resolver
  const all = relatives.flatMap((ref): readonly Parameters[] => {
    const { overloads, signatures, members } = familyOf(analysis, ref)
    return [
      program.fn(ref.file, ref.fn),
      ...overloads,
      ...signatures.map((each) => each.signature),
      ...members.map((each) => program.fn(each.file, each.fn)),
    ]
  })
  if (all.some(({ params }) => params.some((each) => each.rest)))
    return { refusal: 'rest-parameter' }
  if (relatives.some((ref) => program.fn(ref.file, ref.fn).usesArguments))
    return { refusal: 'uses-arguments-object' }
  const index = Math.max(...all.map(({ params }) => params.length))
  const names = Array.from({ length: index }, (_, at) => {
    const named = all.find(({ params }) => plainName.test(params[at]?.name ?? ''))
    return named?.params[at]?.name ?? `argument${at}`
  })
  return { index, names }
}

const plainName = /^[A-Za-z_$][\w$]*$/
