import type { Surround } from '../catalog/types.js'
import type { TextEdit } from '../edits/text-edit.js'
import type { Fn, Span } from '../facts/types.js'
import type { Analysis } from '../graph/analysis.js'
import type { EntryPoint, MapHolder } from '../graph/model.js'
import { isSurroundedMap } from '../graph/surround.js'
import { entryOfCall } from '../resolve/registrations.js'
import { lineBreak } from './insertions.js'
import { importAs, type ImportedNames } from './names.js'
import type { LocalEdits, PassPlan } from './local.js'
import { usesSemicolons } from './first-statement.js'

/**
 * Puts the signal around one handler: a decorator over a method, the runtime's wrapper around a function
 * where it stands, or around its name where it is registered. A declaration that is called by its exported
 * name alone becomes a constant.
 */
export function planSurround(
  analysis: Analysis,
  entry: EntryPoint,
  surround: Surround,
  textOf: (file: string) => string,
  names?: ImportedNames,
): PassPlan {
  const { program } = analysis.resolver
  const fn = program.fn(entry.file, entry.fn)
  if (fn.generator) return { refusal: 'stream-or-iterator' }
  const holder = entry.holders?.find((each) => !isSurroundedMap(analysis.resolver, each))
  if (holder) return aroundMap(analysis, holder, surround, textOf, names)
  const registration = fn.expr === undefined ? registrationOf(analysis, entry) : undefined
  const file = registration?.file ?? entry.file
  const facts = program.facts(file)
  const { local, imports } = importAs(facts, 0, surround.module, surround.name, names)
  const place = { file, text: textOf(file), local }
  const edits =
    surround.as === 'decorator'
      ? decorated(analysis, place, fn)
      : registration
        ? around(place, registration.span)
        : fn.expr === undefined
          ? declared(analysis, place, fn)
          : around(place, program.expr(file, fn.expr))
  if (!edits) return { refusal: 'passed-as-value' }
  return { edits, imports }
}

/** `{ typeDefs, resolvers }` becomes `{ typeDefs, resolvers: wrapper(resolvers) }`. */
function aroundMap(
  { resolver: { program } }: Analysis,
  { file, expr: id }: MapHolder,
  surround: Surround,
  textOf: (file: string) => string,
  names?: ImportedNames,
): LocalEdits {
  const facts = program.facts(file)
  const { local, imports } = importAs(facts, 0, surround.module, surround.name, names)
  const place = { file, text: textOf(file), local }
  const value = program.expr(file, id)
  const shorthand = facts.exprs
    .flatMap((each) => (each.k === 'obj' ? each.props : []))
    .find((each) => each.value === id && each.shorthand)
  const edits = around(place, value)
  const [open] = edits
  if (shorthand?.name !== undefined && open)
    edits[0] = { ...open, text: `${shorthand.name}: ${open.text}` }
  return { edits, imports }
}

interface Place {
  readonly file: string
  readonly text: string
  readonly local: string
}

function around({ file, local }: Place, { start, end }: Span): TextEdit[] {
  return [
    { file, start, end: start, text: `${local}(` },
    { file, start: end, end, text: ')' },
  ]
}

/** The last decorator is the first to be applied: those above see the method that it gives. */
function decorated(
  { resolver: { program } }: Analysis,
  { file, text, local }: Place,
  fn: Fn,
): TextEdit[] | undefined {
  if (fn.kind !== 'method' || fn.cls === undefined) return undefined
  const last = fn.decorators.at(-1)
  if (!last) {
    const member = program.cls(file, fn.cls).members.find((each) => each.fn === fn.id)
    if (!member) return undefined
    const { start } = member
    return [{ file, start, end: start, text: `@${local}()${lineBreak(text, start)}` }]
  }
  const separator = lineBreak(text, last.start)
  return [{ file, start: last.end, end: last.end, text: `${separator}@${local}()` }]
}

/** `async function GET() {…}` becomes `const GET = wrapper(async function GET() {…})`. */
function declared(analysis: Analysis, place: Place, fn: Fn): TextEdit[] | undefined {
  const { file, text, local } = place
  if (fn.kind !== 'function' || fn.parent !== 0) return undefined
  const { start, end } = fn
  if (/\bexport\s+default\s+$/.test(text.slice(0, start))) return around(place, fn)
  if (fn.name === '' || isUsedBefore(analysis, file, fn)) return undefined
  const semicolon = usesSemicolons(text) ? ';' : ''
  return [
    { file, start, end: start, text: `const ${fn.name} = ${local}(` },
    { file, start: end, end, text: `)${semicolon}` },
  ]
}

/** A constant cannot be named before it, at the top of a module, nor declared twice. */
function isUsedBefore(analysis: Analysis, file: string, fn: Fn): boolean {
  const { program } = analysis.resolver
  const { exprs, functions } = program.facts(file)
  const [module] = functions
  const binding = module && program.lookUp(file, fn.name, module.scope)
  if (!binding || binding.fns.length > 1) return true
  return exprs.some(
    (each) =>
      each.k === 'id' &&
      each.name === fn.name &&
      each.start < fn.start &&
      each.scope === module.scope,
  )
}

/** `boss.work('mail', sendMail)`: the argument that names the function where a library is given it. */
function registrationOf(
  analysis: Analysis,
  entry: EntryPoint,
): { readonly file: string; readonly span: Span } | undefined {
  const r = analysis.resolver
  for (const [file, { calls, exprs }] of r.program.files)
    for (const site of calls) {
      const call = exprs[site.expr]
      if (call?.k !== 'call' && call?.k !== 'new') continue
      const names = call.args.filter((each) => isName(exprs[each]?.k))
      if (names.length === 0 || !entryOfCall(analysis.resolver, file, call)) continue
      for (const arg of names) {
        const isIt = r
          .expr(file, arg)
          .some((each) => each.k === 'fn' && each.file === entry.file && each.fn === entry.fn)
        const span = exprs[arg]
        if (isIt && span) return { file, span }
      }
    }
  return undefined
}

function isName(kind: string | undefined): boolean {
  return kind === 'id' || kind === 'member'
}
