import type { Paint } from '../terminal.js'
import type { JoinedSite } from './join.js'
import type { Proof, ProvenEntryPoint, ProvenStatus } from './proof.js'

const LONGEST_SQL = 100

const WORDS: Record<ProvenStatus, string> = {
  'proven-cancelled': 'proven cancelled',
  'ran-on': 'ran on',
  'ended-otherwise': 'ended otherwise',
  untested: 'not put to the test',
  detached: 'detached',
  'not-reached': 'not reached',
}

/** One line a call site, and a count of each outcome. */
export function printProof({ sites, runs }: Proof, paint: Paint): string {
  const lines = sites.flatMap((site) => [
    `${mark(site.status, paint)} ${site.file}:${site.line}`,
    ...site.entryPoints
      .filter(({ status }) => status in REASONS)
      .map((each) => reasonOf(each, site.entryPoints.length > 1)),
  ])
  const counts = Object.entries(WORDS).map(
    ([status, words]) => `${sites.filter((site) => site.status === status).length} ${words}`,
  )
  return `${lines.join('\n')}\n\n${counts.join(', ')}, in ${runs} runs of the tests\n`
}

const REASONS: Partial<Record<ProvenStatus, (entry: ProvenEntryPoint) => string>> = {
  'ran-on': ({ name, rule, lostAt }) => {
    const place =
      lostAt === undefined ? '' : `, signal not passed on at ${lostAt.file}:${lostAt.line}`
    return `ran on for ${name}${place}${rule === undefined ? '' : ` (${rule})`}`
  },
  'ended-otherwise': ({ name, endedBy = 'unknown' }) =>
    `for ${name} it was not a cancel that ended it: ${ENDS[endedBy] ?? endedBy}`,
  untested: ({ name, why = '' }) => `for ${name}: ${why}`,
}

const ENDS: Record<string, string> = {
  timeout: 'a time limit: of the server, as statement_timeout, or a deadline of its own',
  closed: 'its connection was closed',
  error: 'an error of another kind',
  completion: 'it came to its end',
  unknown: 'its driver was not told what did',
}

/** With the statement, where several go through one place. */
function reasonOf(entry: ProvenEntryPoint, isOneOfSeveral: boolean): string {
  const statement = isOneOfSeveral ? `: ${shortened(entry.sql)}` : ''
  return `    ${REASONS[entry.status]?.(entry) ?? ''}${statement}`
}

function shortened(sql: string): string {
  const text = sql.replace(/\s+/g, ' ').trim()
  return text.length > LONGEST_SQL ? `${text.slice(0, LONGEST_SQL)} …` : text
}

/** What the linter believes against what the database did. */
export function printJoined(sites: readonly JoinedSite[], paint: Paint): string {
  const told = sites.filter(({ agreement }) => agreement !== 'unproven')
  const lines = told.map(({ agreement, file, line, believed = 'unknown to it', proven }) => {
    const verb = agreement === 'agrees' ? paint('green', 'agrees   ') : paint('red', 'disagrees')
    return `${verb} ${file}:${line}: linter ${believed}, database ${WORDS[proven]}`
  })
  const unproven = sites.length - told.length
  const disagreeing = sites.filter(({ agreement }) => agreement === 'disagrees').length
  const summary = `proof: ${disagreeing} disagree, ${told.length - disagreeing} agree, ${unproven} without proof`
  return [...lines, summary, ''].join('\n')
}

const WIDTH = Math.max(...Object.values(WORDS).map(({ length }) => length))
const STYLES: Partial<Record<ProvenStatus, Parameters<Paint>[0]>> = {
  'ran-on': 'red',
  'ended-otherwise': 'red',
  untested: 'yellow',
  'proven-cancelled': 'green',
}

function mark(status: ProvenStatus, paint: Paint): string {
  return paint(STYLES[status] ?? 'dim', WORDS[status].padEnd(WIDTH))
}
