/** What was seen of one application, for people. */
export function* describe({ application, versions, cells, checks, failure, notRun }) {
  yield `\n${application.name}${versions?.length ? ` (${versions.join(', ')})` : ''}`
  if (failure !== undefined) {
    yield indent(`✖ ${failure}`)
    return
  }
  if (notRun !== undefined) yield indent(notRun)
  for (const { propagation, changed, fault, tests, isStable } of checks) {
    const compiled = fault === undefined ? 'type-check ok' : `does not compile:\n${fault}\n `
    const tested = tests === undefined ? 'not tested' : `tests ${tests.passed}/${tests.all}`
    yield indent(
      `${propagation}: ${changed} files changed, ${compiled}, ${tested}, second run ${isStable ? 'empty' : 'CHANGES MORE'}`,
    )
    if (tests !== undefined && !tests.ok) yield indent(tests.output)
  }
  yield* table(
    ['', 'framework', 'propagation', 'request', 'pool', 'client', 'before', 'after', 'connection'],
    cells.map((cell) => [
      cell.ok ? '✔' : '✖',
      cell.framework,
      cell.propagation,
      cell.method,
      cell.pool,
      cell.client,
      cell.before,
      cell.ms === null ? cell.after : `${cell.after} after ${cell.ms} ms`,
      { true: 'reused', false: 'closed', null: '' }[cell.reused],
    ]),
  )
  for (const why of new Set(cells.map((cell) => cell.why ?? ''))) if (why) yield indent(why)
}

/** Whether everything about an application is as it should be. */
export function isRight({ cells, checks, failure }) {
  return (
    failure === undefined &&
    cells.every(({ ok }) => ok) &&
    checks.every(({ isStable, fault, tests }) => isStable && fault === undefined && tests?.ok)
  )
}

function* table(head, rows) {
  const all = [head, ...rows]
  const widths = head.map((_, at) => Math.max(...all.map((row) => row[at].length)))
  for (const row of all) yield indent(row.map((text, at) => text.padEnd(widths[at])).join('  '))
}

function indent(text) {
  return text.trimEnd().replaceAll(/^/gm, '  ')
}
