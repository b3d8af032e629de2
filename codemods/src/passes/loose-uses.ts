import { fnKey, oncePer, type Analysis, type Expr, type FnKey, type FnRef } from '@ctx-fix/core'

/**
 * Whether a script hands the function on in a form that is not rewritten: `ids.map(byName[kind])`,
 * `ids.map(isNew ? create : load)`. Its new parameter would be given an index, and no type would tell.
 */
export function isHandedOnUnseen(analysis: Analysis, unit: FnRef): boolean {
  return handedOnUnseen(analysis).has(fnKey(unit))
}

const handedOnUnseen = oncePer((analysis: Analysis): ReadonlySet<FnKey> => {
  const r = analysis.resolver
  const place = (file: string, expr: number): string => `${file}\0${expr}`
  const rewritten = new Set(
    analysis.calls.flatMap((each) =>
      each.kind === 'reference' ? [place(each.file, each.expr)] : [],
    ),
  )
  const found = new Set<FnKey>()
  for (const [file, { calls, exprs }] of r.program.files) {
    if (!isScript(file)) continue
    for (const { expr } of calls) {
      for (const arg of argumentsOf(exprs[expr])) {
        if (exprs[arg]?.k === 'fn' || rewritten.has(place(file, arg))) continue
        for (const value of r.expr(file, arg))
          if (value.k === 'fn') found.add(fnKey({ file: value.file, fn: value.fn }))
      }
    }
  }
  return found
})

/**
 * Whether a call gives something in the place that the signal is to have: more than the function takes, which
 * scripts may.
 */
export function isGivenMore(analysis: Analysis, unit: FnRef, index: number): boolean {
  const { program } = analysis.resolver
  return (analysis.callers.get(fnKey(unit)) ?? []).some(({ file, expr, kind, shift }) => {
    if (kind === 'reference' || shift !== undefined || !isScript(file)) return false
    const given = argumentsOf(program.expr(file, expr))[index]
    if (given === undefined) return false
    const arg = program.expr(file, given)
    const name = arg.k === 'id' || arg.k === 'member' ? arg.name : ''
    return !/signal|abort/i.test(name) && arg.k !== 'nothing'
  })
}

function argumentsOf(expr: Expr | undefined): readonly number[] {
  return expr?.k === 'call' || expr?.k === 'new' ? expr.args : []
}

function isScript(file: string): boolean {
  return /\.[cm]?jsx?$/.test(file)
}
