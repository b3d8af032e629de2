import { join } from 'node:path'
import { cellsOf, findReasons } from './cells.mjs'
import { copyApplication, generate, installedVersions, installPackages, npm } from './install.mjs'
import { createShop, measure } from './measure.mjs'
import { build, rewrite, test } from './rewrite.mjs'
import { satisfiesNode } from './satisfies-node.mjs'

const propagations = ['explicit', 'ambient']

/**
 * Everything about one application: built and measured as it is, then rewritten in both ways, type-checked,
 * tested and measured again.
 *
 * @param {{ folder: string, runtime: string, server: { connectionString: string } }} place where to
 *   work, the packed runtime, and PostgreSQL
 * @returns {Promise<{ application: object, versions: string[], cells: object[], checks: object[] }>}
 */
export async function runApplication(application, { folder, runtime, server }) {
  if (application.node !== undefined && !satisfiesNode(application.node)) {
    const why = `needs Node ${application.node}, this is ${process.versions.node}`
    return notRun(application, why)
  }
  const { copied } = application
  const packages = await installPackages(application)
  const versions = installedVersions(application, packages)
  const source = join(folder, 'source')
  copyApplication(application.sources, source, { packages, runtime, copied })
  const generated = await generate(source)
  if (generated.code !== 0) {
    // What can be told without running it is told all the same.
    const { report } = await rewrite(source, 'explicit')
    const why = `cannot be generated here: ${lastLine(generated.output)}`
    return notRun(application, why, versions, report)
  }

  const copyOf = (name) => {
    const copy = join(folder, name)
    copyApplication([source], copy, { packages, runtime, copied })
    return copy
  }
  const original = copyOf('before')
  await npm(original, ['run', 'build'])
  const before = await measureAll(application, original, server)

  const cells = []
  const checks = []
  for (const propagation of propagations) {
    const copy = copyOf(propagation)
    const { report, isStable, changed } = await rewrite(copy, propagation)
    const fault = await build(copy)
    const check = { propagation, changed, isStable, fault, findings: report.findings.length }
    checks.push(check)
    if (fault !== undefined) continue
    const database = await createShop(server)
    check.tests = await test(copy, database.connectionString)
    await database.drop()
    const after = await measureAll(application, copy, server)
    for (const framework of Object.keys(application.servers)) {
      const place = { library: application.library, framework, propagation }
      cells.push(...cellsOf(place, before[framework], after[framework], report))
    }
  }
  return { application, versions, cells, checks }
}

async function measureAll(application, folder, server) {
  const frameworks = Object.keys(application.servers)
  const measured = await Promise.all(
    frameworks.map((framework) => measure(application, framework, folder, server)),
  )
  return Object.fromEntries(frameworks.map((framework, at) => [framework, measured[at]]))
}

/** What there is to say of an application that cannot run here. */
function notRun(application, why, versions = [], report = undefined) {
  const { library, servers } = application
  const cells = Object.keys(servers).flatMap((framework) =>
    propagations.flatMap((propagation) =>
      ['GET', 'POST'].map((method) => ({
        ...{ library, framework, propagation, method, client: 'leaves', pool: 'free' },
        ...{ before: 'unsupported', after: 'unsupported', ms: null, reused: null },
        why: report && findReasons(report, method)[0]?.message,
        ok: true,
      })),
    ),
  )
  return { application, versions, cells, checks: [], notRun: why }
}

function lastLine(text) {
  return text.trim().split('\n').at(-1)
}
