import { join } from 'node:path'
import { cellsOf } from './cells.mjs'
import { copyApplication, installedVersions, installPackages, npm, npmOutcome } from './install.mjs'
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
    return { application, versions: [], cells: unsupported(application, why), checks: [] }
  }
  const packages = await installPackages(application)
  const versions = installedVersions(application, packages)
  const source = join(folder, 'source')
  copyApplication(application.sources, source, packages, runtime)
  const generated = await npmOutcome(source, ['run', 'generate', '--if-present'], {
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
  })
  if (generated.code !== 0) {
    const why = `cannot be generated here: ${lastLine(generated.output)}`
    return { application, versions, cells: unsupported(application, why), checks: [] }
  }

  const copyOf = (name) => {
    const copy = join(folder, name)
    copyApplication([source], copy, packages, runtime)
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

/** The cells of an application that cannot run here. */
function unsupported({ library, servers }, why) {
  return Object.keys(servers).flatMap((framework) =>
    propagations.flatMap((propagation) =>
      ['GET', 'POST'].map((method) => ({
        ...{ library, framework, propagation, method, pool: 'free', client: 'leaves' },
        ...{ before: 'unsupported', after: 'unsupported', ms: null, reused: null, why, ok: true },
      })),
    ),
  )
}

function lastLine(text) {
  return text.trim().split('\n').at(-1)
}
