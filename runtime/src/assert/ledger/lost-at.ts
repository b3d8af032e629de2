import { readFileSync } from 'node:fs'
import type { CallSite } from './call-stack.js'
import type { Place } from './source-map.js'

/** A signal, or what it can be had from further down. */
const CARRIES = /signal|\.\.\.|\b(?:req|request|job|ctx|context|c)\b(?!\s*[.?[])/i
/** Calls that hand on to the next handler carry nothing by design. */
const HANDS_ON = /\bnext\s*$/
const NO_CODE =
  /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g
const INSERTED = /\$\{([^}]*)\}/g
/** Characters between the place that a stack shows (the name that is called, or `await`) and the arguments. */
const LONGEST_CALLEE = 300
const LONGEST_CALL = 4_000

/**
 * Where a signal that the entry point had was not passed on: the outermost of the calls whose arguments show
 * none, read from the source. `undefined` where all show one, or the source is not there.
 *
 * A function that is written among the arguments of a call has the signal from around it, whoever calls it. So
 * neither that call is in question nor those by which the function is reached, but what it calls itself.
 *
 * @param sites of the calls, from the statement outwards.
 */
export function lostAt(sites: readonly CallSite[]): CallSite | undefined {
  const calls = sites.map(callAt)
  for (let index = calls.length - 1; index >= 0; index -= 1) {
    const call = calls[index]
    if (call === undefined) continue
    const inside = calls.findLastIndex(
      (inner, at) => at < index && inner !== undefined && isAmongArguments(inner, call),
    )
    if (inside !== -1) {
      index = inside + 1
      continue
    }
    if (!CARRIES.test(codeOf(call.args)) && !HANDS_ON.test(call.callee)) return sites[index]
  }
  return undefined
}

interface Call {
  readonly file: string
  /** Where it begins, and where its arguments do; characters of the file. */
  readonly start: number
  readonly open: number
  readonly callee: string
  readonly args: string
}

function isAmongArguments(inner: Call, { file, open, args }: Call): boolean {
  return inner.file === file && inner.start > open && inner.start < open + args.length
}

/** Comments and strings say nothing of what is passed, least of all those with SQL in them; `${}` does. */
function codeOf(args: string): string {
  return args.replace(NO_CODE, (text) =>
    text.startsWith('`')
      ? [...text.matchAll(INSERTED)].map(([, code]) => ` ${code} `).join()
      : "''",
  )
}

function callAt({ file, line, column }: Place): Call | undefined {
  const source = sourceOfFile(file)
  const start = offsetOf(source, line) + column - 1
  const text = source.slice(start, start + LONGEST_CALL)
  const open = text.slice(0, LONGEST_CALLEE).search(/[(`]/)
  if (open === -1) return undefined
  const args = text.slice(open, endOfCall(text, open))
  return { file, start, open: start + open, callee: text.slice(0, open), args }
}

function sourceOfFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function offsetOf(source: string, line: number): number {
  let offset = 0
  for (let left = line; left > 1; left -= 1) {
    const end = source.indexOf('\n', offset)
    if (end === -1) return source.length
    offset = end + 1
  }
  return offset
}

/** Behind the bracket that closes the one at `open`, those in strings left out. */
function endOfCall(text: string, open: number): number {
  const token = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[()]/g
  token.lastIndex = open
  let depth = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '(') depth += 1
    else if (match[0] === ')') depth -= 1
    if (depth <= 0) return token.lastIndex
  }
  return text.length
}
