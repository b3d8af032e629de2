import type { ImportNeed, LinePlace, StepId } from '@ctx-fix/core'
import { findImportPlace } from './import-place.js'
import { readImportStyle, type ImportStyle } from './import-style.js'
import type { ModuleShape, ModuleStatement } from './module-shape.js'
import type { OwnedEdit } from './render.js'

/** An import that some kept steps rely on. */
export interface OwnedNeed extends ImportNeed {
  readonly steps: readonly StepId[]
}

/**
 * Plans the edits that give one file its imports: names join an existing import of the module where
 * the syntax allows it, the rest becomes new lines in the file's own style. What is already there is
 * not added again.
 */
export function planImports(
  text: string,
  shape: ModuleShape,
  needs: readonly OwnedNeed[],
): OwnedEdit[] {
  const style = readImportStyle(text, shape)
  const edits: OwnedEdit[] = []
  const lines: NewLine[] = []
  for (const group of groupByModule(mergeSame(needs), shape)) {
    const [first] = group
    const target = shape.statements.find((statement) => canJoin(statement, first))
    const steps = [...new Set(group.flatMap((need) => need.steps))]
    if (target) edits.push({ ...joinEdit(text, target, group), steps })
    else {
      const isFirst = group.some((need) => need.first === true)
      lines.push({ text: newLine(group, shape, style), steps, isFirst })
    }
  }
  const [head] = shape.statements
  const above = head ? lines.filter(({ isFirst }) => isFirst) : []
  const below = lines.filter((line) => !above.includes(line))
  if (head && above.length > 0) {
    edits.push(linesAt({ offset: head.start, before: '', after: '\n' }, above))
  }
  if (below.length > 0) edits.push(linesAt(findImportPlace(text, shape), below))
  return edits
}

interface NewLine {
  readonly text: string
  readonly steps: readonly StepId[]
  readonly isFirst: boolean
}

function linesAt({ offset, before, after }: LinePlace, lines: readonly NewLine[]): OwnedEdit {
  return {
    start: offset,
    end: offset,
    text: before + lines.map((line) => line.text).join('\n') + after,
    steps: [...new Set(lines.flatMap((line) => line.steps))],
  }
}

/** Whether a file already loads a module for its side effect. */
export function hasBareImport(shape: ModuleShape, module: string): boolean {
  return shape.statements.some((statement) => statement.bare && statement.module === module)
}

type Group = readonly [OwnedNeed, ...OwnedNeed[]]

const localOf = (need: ImportNeed) => need.local ?? need.name

function mergeSame(needs: readonly OwnedNeed[]): OwnedNeed[] {
  const merged = new Map<string, OwnedNeed>()
  for (const need of needs) {
    const key = `${need.module}\n${need.name ?? ''}\n${localOf(need) ?? ''}`
    const same = merged.get(key)
    if (!same) merged.set(key, need)
    else {
      const typeOnly = Boolean(same.typeOnly && need.typeOnly)
      const place = (same.first ?? need.first) === true ? { first: true } : {}
      merged.set(key, { ...same, ...place, typeOnly, steps: [...same.steps, ...need.steps] })
    }
  }
  return [...merged.values()]
}

/** Needs that can share one declaration, without those that the file already satisfies. */
function groupByModule(needs: readonly OwnedNeed[], shape: ModuleShape): Group[] {
  const groups = new Map<string, [OwnedNeed, ...OwnedNeed[]]>()
  for (const need of needs) {
    if (isSatisfied(need, shape) || (shape.commonjs && need.typeOnly)) continue
    const key = `${need.module}\n${need.name === undefined ? 'bare' : String(need.typeOnly ?? false)}`
    const group = groups.get(key)
    if (group) group.push(need)
    else groups.set(key, [need])
  }
  return [...groups.values()]
}

function isSatisfied(need: OwnedNeed, shape: ModuleShape): boolean {
  if (need.name === undefined) return hasBareImport(shape, need.module)
  return shape.statements.some(
    (statement) =>
      statement.module === need.module &&
      statement.named?.some(
        (binding) =>
          binding.imported === need.name &&
          binding.local === localOf(need) &&
          (need.typeOnly === true || !binding.typeOnly),
      ),
  )
}

function canJoin(statement: ModuleStatement, need: OwnedNeed): boolean {
  if (need.name === undefined || statement.module !== need.module) return false
  if (statement.typeOnly && !need.typeOnly) return false
  return statement.named !== undefined || statement.bracesAfter !== undefined
}

function joinEdit(
  text: string,
  statement: ModuleStatement,
  group: Group,
): Omit<OwnedEdit, 'steps'> {
  const names = group.map((need) => bindingText(need, statement)).join(', ')
  const last = statement.named?.at(-1)
  if (!last) {
    const offset = statement.bracesAfter ?? statement.end
    return { start: offset, end: offset, text: `, { ${names} }` }
  }
  const trailingComma = /^\s*,/.exec(text.slice(last.end, statement.end))?.[0]
  const lineStart = text.lastIndexOf('\n', last.start - 1) + 1
  const indent = text.slice(lineStart, last.start)
  // A list with one name a line goes on like that.
  const ownLine = lineStart > statement.start && indent.trim() === ''
  const gap = ownLine ? `\n${indent}` : ' '
  const offset = last.end + (trailingComma?.length ?? 0)
  return {
    start: offset,
    end: offset,
    text: trailingComma ? `${gap}${names},` : `,${gap}${names}`,
  }
}

function bindingText(need: OwnedNeed, statement: Pick<ModuleStatement, 'kind' | 'typeOnly'>) {
  const local = localOf(need)
  const name = need.name ?? ''
  if (statement.kind === 'require') return local === name ? name : `${name}: ${local}`
  const type = need.typeOnly && !statement.typeOnly ? 'type ' : ''
  return type + (local === name ? name : `${name} as ${local}`)
}

function newLine(group: Group, { commonjs }: ModuleShape, { quote, semicolon }: ImportStyle) {
  const [first] = group
  const module = quote + first.module + quote
  const typeOnly = first.typeOnly ?? false
  const kind = commonjs ? 'require' : 'import'
  const names = group.map((need) => bindingText(need, { kind, typeOnly })).join(', ')
  if (commonjs) {
    const call = `require(${module})${semicolon}`
    return first.name === undefined ? call : `const { ${names} } = ${call}`
  }
  if (first.name === undefined) return `import ${module}${semicolon}`
  return `import ${typeOnly ? 'type ' : ''}{ ${names} } from ${module}${semicolon}`
}
