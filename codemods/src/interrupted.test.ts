import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { fixProject } from './project.js'
import { ESM, sampleProject, tsconfig } from './testing/sample-project.js'

/*
 * Files are renamed into place one after the other. A run that is killed between two of them leaves callers that
 * pass what their callees do not take yet, or signals that nothing heeds: the next run has to come to where the
 * first would have come.
 */
const situations = resolve(import.meta.dirname, '../../fixtures/before-after')

/** Where the next run sees nothing to do, and what is missing is no finding. */
const different: Readonly<Record<string, string>> = {
  'callers-without-a-signal':
    'a script that maps over a function is a type error until it is mended by hand',
  'closures-kept-for-later':
    'a function that is kept is called without a signal where it takes one already',
  'functions-as-values':
    'a function that is handed over is passed no signal where it takes one already',
  'interface-with-two-implementations':
    'an interface that nobody calls with a signal stays as it is',
  'kept-for-others': 'starting a process is no sink: it is given a signal on the way',
  'plain-callbacks': 'waiting for a client is no sink: it is given a signal on the way',
  'proxied-client': 'waiting for a client is no sink',
  'transaction-helper': 'waiting for a client is no sink',
}
const alike = readdirSync(situations).filter((each) => !Object.hasOwn(different, each))

test.each(alike)('%s: finished from any file on', async (situation) => {
  const before = filesIn(join(situations, situation, 'before'))
  const after = { ...before, ...filesIn(join(situations, situation, 'after')) }
  const changed = Object.keys(after).filter((name) => after[name] !== before[name])
  if (changed.length < 2) return
  for (const name of changed) {
    const only = { ...before, [name]: after[name] ?? '' }
    const butThat = { ...after, [name]: before[name] ?? '' }
    expect(await finished(only), `after ${name}`).toEqual(after)
    expect(await finished(butThat), `before ${name}`).toEqual(after)
  }
})

type Files = Readonly<Record<string, string>>

function filesIn(folder: string): Files {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Object.fromEntries(
    names
      .filter((name) => /\.([cm]?[jt]sx?|json)$/.test(name))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

async function finished(given: Files): Promise<Files> {
  const isPlain = Object.keys(given).some((name) => name.endsWith('.js'))
  const { root } = sampleProject({
    'package.json': ESM,
    ...(isPlain ? {} : { 'tsconfig.json': tsconfig() }),
    ...given,
  })
  const files = Object.keys(given)
    .filter((name) => !name.endsWith('.json'))
    .map((name) => join(root, name))
  const config = join(root, 'tsconfig.json')
  const { changes } = await fixProject(
    { root, files, report: files, config: {}, ...(existsSync(config) ? { tsconfig: config } : {}) },
    { verify: false },
  )
  const now = new Map(Object.entries(given).map(([name, text]) => [join(root, name), text]))
  for (const { file, after } of changes) now.set(file, after)
  return Object.fromEntries(
    Object.keys(given).map((name) => [name, now.get(join(root, name)) ?? '']),
  )
}
