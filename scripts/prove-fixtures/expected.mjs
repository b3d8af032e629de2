import { readFileSync } from 'node:fs'

/** What is said of each call that is not proven cancelled, in the order of the table. */
const OTHERS = ['ran-on', 'ended-otherwise', 'untested', 'detached', 'not-reached']

/**
 * By shop: how many calls are proven cancelled, where the others are and what comes of them, and the place of the
 * forward that is taken out.
 */
export function readExpected() {
  return JSON.parse(readFileSync(new URL('expected.json', import.meta.url), 'utf8'))
}

/** What a proof says, in the same shape. */
export function outcomeOf(sites, forward) {
  const proven = sites.filter(({ status }) => status === 'proven-cancelled').length
  const others = Object.fromEntries(
    sites
      .filter(({ status }) => status !== 'proven-cancelled')
      .map(({ file, line, status }) => [`${file}:${line}`, status]),
  )
  return { proven, others, forward }
}

/** In what `found` is not `expected`, one sentence each; in both directions. */
export function differences(expected, found) {
  if (expected === undefined) return ['is not in scripts/prove-fixtures/expected.json']
  const faults = []
  if (found.proven !== expected.proven) {
    faults.push(`${found.proven} calls are proven cancelled, not ${expected.proven}`)
  }
  for (const place of new Set([...Object.keys(expected.others), ...Object.keys(found.others)])) {
    const [is, ought] = [found, expected].map(({ others }) => others[place] ?? 'proven or gone')
    if (is !== ought) faults.push(`${place} is ${is}, not ${ought}`)
  }
  if (found.forward !== expected.forward) {
    faults.push(`the forward is at ${found.forward}, not ${expected.forward}`)
  }
  return faults
}

export function tableHead() {
  return [
    '| library | proven cancelled | ran on | not reached | otherwise | test and `check` both name |',
    '| --- | --- | --- | --- | --- | --- |',
  ]
}

export function tableRow(name, { proven, others, forward }) {
  const count = (...statuses) =>
    Object.values(others).filter((status) => statuses.includes(status)).length
  const [ranOn, , , , notReached] = OTHERS
  const otherwise = count(...OTHERS.filter((each) => each !== ranOn && each !== notReached))
  const cells = [name, proven, count(ranOn), count(notReached), otherwise, `\`${forward}\``]
  return `| ${cells.join(' | ')} |`
}

/** The rows that the page and `expected` do not share, however the page pads them. */
export function pageFaults(page, expected) {
  const rows = Object.entries(expected).map(([name, outcome]) => tableRow(name, outcome))
  const shown = page
    .split('\n')
    .map((line) => line.replace(/ +/g, ' ').trim())
    .filter((line) => /^\| [\w.-]+ (?:\| \d+ ){4}\| `src\//.test(line))
  return [
    ...rows.filter((row) => !shown.includes(row)).map((row) => `lacks ${row}`),
    ...shown.filter((row) => !rows.includes(row)).map((row) => `has ${row}, which is not expected`),
  ]
}
