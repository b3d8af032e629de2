import type { TextEdit } from '../edits/text-edit.js'
import { planLocalFix } from '../plan/local.js'
import { findAll } from '../findings/find.js'
import { analysisOf } from './program.js'

/** A text with edits made in it, later ones first; edits at one place keep their order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .map((edit, index) => ({ edit, index }))
    .toSorted((a, b) => b.edit.start - a.edit.start || b.index - a.index)
    .reduce((out, { edit }) => out.slice(0, edit.start) + edit.text + out.slice(edit.end), text)
}

/** What the first fix of the one finding in a file makes of it; the reason where there is none. */
export function fixed(text: string, path = 'src/app.ts'): string {
  const analysis = analysisOf({ [path]: text })
  const found = findAll(analysis, { noSignalInScope: 'off' }).filter(
    (each) => each.judgement?.verdict === 'lost',
  )
  const [first, ...more] = found
  if (!first || more.length > 0) throw new Error(`${found.length} findings`)
  const { choices, refusal } = planLocalFix(analysis, first, text)
  const [choice] = choices
  return choice ? applyEdits(text, choice.edits) : `refused: ${refusal ?? ''}`
}
