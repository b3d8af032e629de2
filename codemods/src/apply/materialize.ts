import type { ImportNeed, Plan, StepId } from '@ctx-fix/core'
import { hasBareImport, planImports, type OwnedNeed } from './imports.js'
import { readModuleShape, type ModuleShape } from './module-shape.js'
import type { PositionMap } from './position-map.js'
import { renderFile, type OwnedEdit } from './render.js'

/** A file that the kept steps change. */
export interface RenderedFile {
  readonly before: string
  readonly after: string
  readonly map: PositionMap
}

/**
 * Which program a file belongs to: an import for its side effect goes in once a program. All files
 * are one program unless told.
 */
export type ProgramOf = (file: string) => string

/** The text of every file that the kept steps change, imports included. */
export function materialize(
  plan: Plan,
  kept: ReadonlySet<StepId>,
  sources: ReadonlyMap<string, string>,
  programOf?: ProgramOf,
): Map<string, RenderedFile> {
  return createMaterializer(plan, sources, programOf)(kept)
}

/** `materialize` for many sets of steps of one plan: files are parsed and rendered only when needed. */
export function createMaterializer(
  plan: Plan,
  sources: ReadonlyMap<string, string>,
  programOf: ProgramOf = () => '',
): (kept: ReadonlySet<StepId>) => Map<string, RenderedFile> {
  const shapes = new Map<string, ModuleShape>()
  const rendered = new Map<string, { readonly edits: string; readonly file: RenderedFile }>()

  const textOf = (file: string) => {
    const text = sources.get(file)
    if (text === undefined) throw new Error(`the plan edits ${file}, whose text was not given`)
    return text
  }
  const shapeOf = (file: string) => {
    const shape = shapes.get(file) ?? readModuleShape(file, textOf(file))
    shapes.set(file, shape)
    return shape
  }
  const render = (file: string, edits: readonly OwnedEdit[]) => {
    const key = JSON.stringify(edits)
    const known = rendered.get(file)
    if (known?.edits === key) return known.file
    const before = textOf(file)
    const { text, map } = renderFile(before, edits)
    const result = { before, after: text, map }
    rendered.set(file, { edits: key, file: result })
    return result
  }

  return (kept) => {
    const edits = new Map<string, OwnedEdit[]>()
    const needs: OwnedNeed[] = []
    for (const step of plan.steps) {
      if (!kept.has(step.id)) continue
      const steps = [step.id]
      for (const { file, start, end, text } of step.edits) {
        listOf(edits, file).push({ start, end, text, steps })
      }
      for (const need of step.imports) needs.push({ ...need, steps })
    }
    for (const [file, wanted] of needsByFile(needs, programOf, sources, shapeOf)) {
      // First, so that an import stays above what a step inserts at the same offset.
      listOf(edits, file).unshift(...planImports(textOf(file), shapeOf(file), wanted))
    }
    const result = new Map<string, RenderedFile>()
    for (const [file, list] of edits) if (list.length > 0) result.set(file, render(file, list))
    return result
  }
}

/** The files whose text differs between two versions of a program. */
export function changedFiles(
  old: ReadonlyMap<string, RenderedFile>,
  next: ReadonlyMap<string, RenderedFile>,
): string[] {
  const all = new Set([...old.keys(), ...next.keys()])
  return [...all].filter((file) => old.get(file)?.after !== next.get(file)?.after)
}

/** Sorts needs by file and leaves of each side effect only the first in every program. */
function needsByFile(
  needs: readonly OwnedNeed[],
  programOf: ProgramOf,
  sources: ReadonlyMap<string, string>,
  shapeOf: (file: string) => ModuleShape,
): Map<string, OwnedNeed[]> {
  const result = new Map<string, OwnedNeed[]>()
  const bare = new Map<string, OwnedNeed>()
  const keyOf = ({ module, file }: ImportNeed) => `${programOf(file)}\n${module}`
  for (const need of needs) {
    if (need.name !== undefined) {
      listOf(result, need.file).push(need)
      continue
    }
    const first = bare.get(keyOf(need))
    bare.set(
      keyOf(need),
      first ? { ...first, steps: [...new Set([...first.steps, ...need.steps])] } : need,
    )
  }
  const loaded = new Set<string>()
  for (const { module } of bare.values()) {
    for (const [file, text] of sources) {
      // Parsing every source only to see that it never names the module would be a waste.
      if (text.includes(module) && hasBareImport(shapeOf(file), module))
        loaded.add(keyOf({ file, module }))
    }
  }
  for (const [key, need] of bare) if (!loaded.has(key)) listOf(result, need.file).push(need)
  return result
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key) ?? []
  map.set(key, list)
  return list
}
