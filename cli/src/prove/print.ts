import type { Paint } from '../terminal.js'
import type { JoinedSite } from './join.js'
import type { Proof, ProvenStatus } from './proof.js'

const WORDS: Record<ProvenStatus, string> = {
  'proven-cancelled': 'proven cancelled',
  'ran-on': 'ran on',
  detached: 'detached',
  'not-reached': 'not reached',
}

/** One line a call site, and a count of each outcome. */
export function printProof({ sites, runs }: Proof, paint: Paint): string {
  const lines = sites.flatMap((site) => [
    `${mark(site.status, paint)} ${site.file}:${site.line}`,
    ...site.entryPoints
      .filter(({ status }) => status === 'ran-on')
      .map(({ name, rule, lostAt }) => {
        const cause =
          lostAt === undefined ? '' : `, signal not passed on at ${lostAt.file}:${lostAt.line}`
        return `    ran on for ${name}${cause}${rule === undefined ? '' : ` (${rule})`}`
      }),
  ])
  const counts = Object.entries(WORDS).map(
    ([status, words]) => `${sites.filter((site) => site.status === status).length} ${words}`,
  )
  return `${lines.join('\n')}\n\n${counts.join(', ')}, in ${runs} runs of the tests\n`
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

function mark(status: ProvenStatus, paint: Paint): string {
  const style = status === 'ran-on' ? 'red' : status === 'proven-cancelled' ? 'green' : 'dim'
  return paint(style, WORDS[status].padEnd('proven cancelled'.length))
}
