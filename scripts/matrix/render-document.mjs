/** The page of docs about everything that was measured. */
export function renderDocument({ node, postgres, applications }) {
  const libraries = applications.filter(({ name, library }) => name === library)
  const frameworks = applications.filter(({ name, library }) => name !== library)
  return `# The matrix

Every database library on express and on fastify, and every HTTP framework over pg, each an application of
its own in [fixtures](../fixtures), written as its users write. For each: a real server, real clients, a real
PostgreSQL; before \`ctx-fix\`, and after it with signals as parameters (explicit) and with signals around the
handlers (ambient). Made by \`npm run matrix -- --write\` on Node ${node} and PostgreSQL ${postgres}; CI runs it
again and fails where a verdict differs.

How a cell comes about: another connection locks the table, so that the request's statement hangs in the
database. The client's socket is destroyed, and pg_stat_activity is asked until the statement has ended
(_cancelled_, with the milliseconds) or 3 s are over (_ran on_). A POST is in a transaction, which must not
be committed. In the full pool of one connection the POST still waits for its turn when its client goes, and
must not be carried out later. The others stay, and must get their answer. _Reused_: the connection of the
cancelled statement served later requests; _closed_: the library closes a connection on which anything failed.

## Database libraries

${table(libraries)}

## HTTP frameworks, over pg

${table(frameworks)}

## The rewrite itself

Every application was type-checked by its own TypeScript after the rewrite and ran its own tests.

${checks(applications)}
${whys(applications)}`
}

function table(applications) {
  const rows = applications.flatMap(({ name, cells }) => {
    const groups = new Set(cells.map((cell) => `${cell.framework} | ${cell.propagation}`))
    return [...groups].map((group) => {
      const own = cells.filter((cell) => `${cell.framework} | ${cell.propagation}` === group)
      const left = (method, pool) =>
        verdict(own.find((c) => c.client === 'leaves' && c.method === method && c.pool === pool))
      const stayed = own.filter((cell) => cell.client === 'stays')
      const answered = stayed.filter((cell) => cell.after === 'answered')
      const ofAll = stayed.length === 0 ? '–' : `${answered.length}/${stayed.length}`
      return `| ${name} | ${group} | ${left('GET', 'free')} | ${left('POST', 'free')} | ${left('POST', 'full')} | ${ofAll} |`
    })
  })
  return `| application | framework | propagation | GET | POST | POST, full pool | those that stay, answered |
|---|---|---|---|---|---|---|
${rows.join('\n')}`
}

function verdict(cell) {
  if (cell === undefined) return '–'
  const after = cell.ms === null ? cell.after : `${cell.after} (${cell.ms} ms)`
  const connection = { true: ', reused', false: ', closed' }[cell.reused] ?? ''
  return `${cell.before} → ${after}${connection}`
}

function checks(applications) {
  const rows = applications.flatMap(({ name, versions, checks }) =>
    checks.map(
      ({ propagation, changed, compiles, tests, isStable, findings }) =>
        `| ${name} | ${versions.join(', ')} | ${propagation} | ${changed} | ${compiles ? 'ok' : 'fails'} | ${tests} | ${isStable ? 'changes nothing' : 'changes more'} | ${findings} |`,
    ),
  )
  return `| application | versions | propagation | files changed | type-check | own tests | second run | findings left |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`
}

/** What was said wherever something does not work. */
function whys(applications) {
  const lines = applications.flatMap(({ name, cells, notRun }) => {
    const told = new Set([...cells.map(({ why }) => why), notRun && `Not run: it ${notRun}`])
    return [...told].filter(Boolean).map((why) => `- ${name}: ${why}`)
  })
  return lines.length === 0 ? '' : `\n## Why not\n\n${lines.join('\n')}\n`
}
