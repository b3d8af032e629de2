import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'
import { renderDocument } from './render-document.mjs'

const data = fileURLToPath(new URL('../../docs/matrix.json', import.meta.url))
const page = fileURLToPath(new URL('../../docs/matrix.md', import.meta.url))

/**
 * Keeps what was measured: the results in docs/matrix.json, and the page that people read, made from them.
 * What was not run this time, or failed to run, stays as it was.
 *
 * @param {string[]} names of all applications there are: what is no longer there is dropped
 */
export async function writeDocument(results, names, postgres) {
  const measured = results.filter(({ failure }) => failure === undefined)
  const kept = readResults().applications.filter(
    ({ name }) => names.includes(name) && !measured.some((each) => each.application.name === name),
  )
  const applications = [...kept, ...measured.map(toRecord)].toSorted(
    (a, b) => names.indexOf(a.name) - names.indexOf(b.name),
  )
  const all = { node: process.versions.node, postgres, applications }
  writeFileSync(data, await format(JSON.stringify(all), { parser: 'json', printWidth: 1_000 }))
  writeFileSync(page, await renderPage(all))
}

/** In words, where a verdict is not the one in docs, or where the page is not made from the results. */
export async function compareWithDocument(measured) {
  const all = readResults()
  const isCurrent = existsSync(page) && readFileSync(page, 'utf8') === (await renderPage(all))
  return [
    ...(isCurrent ? [] : ['docs/matrix.md does not show docs/matrix.json: run with --write']),
    ...measured
      .filter(({ failure }) => failure === undefined)
      .flatMap((each) => differences(each, all)),
  ]
}

/** An application that cannot run on every machine is compared in what ctx-fix says of it. */
function differences(result, { applications }) {
  const seen = toRecord(result)
  const known = applications.find(({ name }) => name === seen.name)
  if (known === undefined) return [`docs/matrix.md says nothing of ${seen.name}: run with --write`]
  const isPartial = [seen, known].some(({ notRun }) => notRun !== undefined)
  const keyOf = (cell) =>
    [cell.framework, cell.propagation, cell.method, cell.pool, cell.client].join(' ')
  const verdictOf = (cell) => cell && (isPartial ? cell.after : `${cell.before} → ${cell.after}`)
  const keys = new Set([...known.cells, ...seen.cells].map(keyOf))
  return [...keys].flatMap((key) => {
    const [documented, measured] = [known, seen].map(({ cells }) =>
      verdictOf(cells.find((cell) => keyOf(cell) === key)),
    )
    const isMissing = documented === undefined || measured === undefined
    return documented === measured || (isPartial && isMissing)
      ? []
      : [
          `${seen.name} ${key}: docs say ${documented ?? 'nothing'}, seen is ${measured ?? 'nothing'}`,
        ]
  })
}

function toRecord({ application: { name, library }, versions, cells, checks, notRun }) {
  return {
    ...{ name, library, versions },
    // Without what one machine said about it.
    notRun: notRun?.split(':')[0],
    checks: checks.map(({ propagation, changed, isStable, fault, findings, tests }) => ({
      ...{ propagation, changed, isStable, findings },
      compiles: fault === undefined,
      tests: tests === undefined ? 'not run' : `${tests.passed}/${tests.all}`,
    })),
    cells,
  }
}

function readResults() {
  return existsSync(data) ? JSON.parse(readFileSync(data, 'utf8')) : { applications: [] }
}

function renderPage(all) {
  return format(renderDocument(all), { parser: 'markdown', printWidth: 100 })
}
