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
 * @param sites of the calls, from the statement outwards.
 */
export function lostAt(sites: readonly CallSite[]): CallSite | undefined {
  return sites.findLast((site) => {
    const call = callAt(site)
    return call !== undefined && !CARRIES.test(codeOf(call.args)) && !HANDS_ON.test(call.callee)
  })
}

/** Comments and strings say nothing of what is passed, least of all those with SQL in them; `${}` does. */
function codeOf(args: string): string {
  return args.replace(NO_CODE, (text) =>
    text.startsWith('`')
      ? [...text.matchAll(INSERTED)].map(([, code]) => ` ${code} `).join()
      : "''",
  )
}

function callAt(place: Place): { callee: string; args: string } | undefined {
  const text = textFrom(place)
  const open = text.slice(0, LONGEST_CALLEE).search(/[(`]/)
  if (open === -1) return undefined
  return { callee: text.slice(0, open), args: text.slice(open, endOfCall(text, open)) }
}

function textFrom({ file, line, column }: Place): string {
  let lines: string[]
  try {
    lines = readFileSync(file, 'utf8').split('\n')
  } catch {
    return ''
  }
  const [first = '', ...rest] = lines.slice(line - 1, line + 100)
  return [first.slice(column - 1), ...rest].join('\n').slice(0, LONGEST_CALL)
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
