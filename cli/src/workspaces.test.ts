import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDatabase } from '@ctx-fix/fixtures/test-database'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runBin } from './testing/bin.js'
import { shiftBy } from './testing/jscodeshift.js'
import { createRepository, scratchFolder, type Workspace } from './testing/workspace.js'

const folder = fileURLToPath(new URL('../../fixtures/workspaces', import.meta.url))
const typescript = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url))
const names = readdirSync(folder)

type Files = Readonly<Record<string, string>>

function filesIn(root: string): Files {
  return Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|json)$/.test(name))
      .map((name) => [name, readFileSync(join(root, name), 'utf8')]),
  )
}

/** The workspace as it is before, installed: its packages are linked, as npm links them. */
function installed(name: string): Workspace {
  const files = filesIn(join(folder, name, 'before'))
  const workspace = createRepository({ '.gitignore': 'node_modules\ndist\n', ...files })
  link(workspace.root, files)
  return workspace
}

function link(root: string, files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    if (!file.endsWith('/package.json')) continue
    const place = join(root, 'node_modules', (JSON.parse(text) as { name: string }).name)
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(join(root, dirname(file)), place, 'dir')
  }
}

/** What the project's own compiler says, package by package, or of all where they refer to one another. */
function compile(root: string): string {
  const isOne = existsSync(join(root, 'tsconfig.json'))
  const projects = isOne
    ? [['-b', '--force']]
    : ['packages/db', 'packages/domain', 'apps/api', 'apps/seed'].map((each) => ['-p', each])
  return projects
    .map((args) => spawnSync(process.execPath, [typescript, ...args], { cwd: root }).stdout)
    .join('')
}

const expectAfter = (name: string, { read }: Workspace): void => {
  for (const [file, text] of Object.entries(filesIn(join(folder, name, 'after'))))
    expect(read(file), file).toBe(text)
}

describe.each(names)('%s', (name) => {
  test('the command', { timeout: 120_000 }, () => {
    const workspace = installed(name)
    const { root, git } = workspace
    expect(compile(root)).toBe('')
    const { status, stdout } = runBin(root)
    expect(stdout).toContain('✔ 0 findings')
    expect(status).toBe(0)
    expectAfter(name, workspace)
    expect(compile(root)).toBe('')
    const patch = git('diff')
    expect(runBin(root).status).toBe(0)
    expect(git('diff')).toBe(patch)
  })

  test('the transform of jscodeshift', { timeout: 120_000 }, async () => {
    const workspace = installed(name)
    // That it compiles is seen by the command.
    const args = ['--verify=false', '--parser=ts', '--extensions=ts', 'apps', 'packages']
    const run = () => shiftBy('thread-signal', workspace.root, ...args)
    expect((await run()).stdout).toContain('\n0 errors\n')
    expectAfter(name, workspace)
    expect((await run()).stdout).toContain('\n0 ok\n')
  })
})

describe('what can run', () => {
  const running = names.filter((name) => existsSync(join(folder, name, 'behaviour.json')))
  const runner = fileURLToPath(
    new URL('../../codemods/src/testing/run-behaviour.mjs', import.meta.url),
  )
  let database: Awaited<ReturnType<typeof createTestDatabase>>
  let workspace: string
  beforeAll(async () => {
    workspace = mkdtempSync(join(scratchFolder(), 'workspaces-'))
    database = await createTestDatabase()
  })
  afterAll(async () => {
    await rm(workspace, { recursive: true, force: true })
    await database.drop()
  })

  function build(name: string, side: 'before' | 'after'): void {
    const files = {
      ...filesIn(join(folder, name, 'before')),
      ...filesIn(join(folder, name, side)),
    }
    const root = join(workspace, side, name)
    for (const [file, text] of Object.entries(files)) {
      const path = join(root, file.replace('/src/', '/dist/').replace(/\.ts$/, '.js'))
      mkdirSync(dirname(path), { recursive: true })
      const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 }
      const isSource = file.endsWith('.ts')
      writeFileSync(
        path,
        isSource ? ts.transpileModule(text, { compilerOptions }).outputText : text,
      )
    }
    link(root, files)
    cpSync(join(folder, name, 'behaviour.json'), join(root, 'behaviour.json'))
  }

  function seenOf(side: 'before' | 'after'): unknown {
    for (const name of running) build(name, side)
    const output = join(workspace, `${side}.json`)
    const address = new URL(database.connectionString)
    const { status, stderr } = spawnSync(
      process.execPath,
      [runner, join(workspace, side), output],
      {
        encoding: 'utf8',
        env: {
          ...process.env,
          PGHOST: address.hostname,
          PGPORT: address.port,
          PGUSER: decodeURIComponent(address.username),
          PGPASSWORD: decodeURIComponent(address.password),
          PGDATABASE: database.name,
        },
      },
    )
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return JSON.parse(readFileSync(output, 'utf8'))
  }

  test('answers as before', () => {
    const before = seenOf('before')
    for (const name of running) {
      const { exchanges, leaves } = JSON.parse(
        readFileSync(join(folder, name, 'behaviour.json'), 'utf8'),
      ) as { exchanges: readonly { status?: number; answer?: unknown }[]; leaves: object }
      const answers = exchanges.map(({ status = 200, answer }) =>
        answer === undefined ? { status } : { status, answer },
      )
      expect(before).toMatchObject({ [name]: { answers, rows: leaves } })
    }
    expect(seenOf('after')).toEqual(before)
  })
})
