import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'
import plugin from '../index.js'
import { createEslint, isOurs, type Linting } from './eslint.js'
import { built, commonjs, createFolder, javascript, typescript } from './scenario.js'
import { compilerOptions, copySituations, fixtures } from './situations.js'

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const command = join(repository, 'cli/bin/ctx-fix.js')
const oxlint = join(
  dirname(createRequire(import.meta.url).resolve('oxlint/package.json')),
  'bin/oxlint',
)

/** Sinks that no signal can reach are the one thing that a host sees less of: see docs/hosts.md. */
const rules = { ...plugin.configs.strict.rules, 'ctx/require-signal': ['error', offOption()] }

function offOption() {
  return { noSignalInScope: 'off' }
}

interface Finding {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly rule: string
}

interface Host {
  readonly find: (root: string) => Promise<string[]>
  readonly fix: (root: string) => Promise<void>
}

function eslintHost(parsing: Omit<Linting, 'fix' | 'rules'>): Host {
  const create = (root: string, fix: boolean) => createEslint(root, { ...parsing, fix, rules })
  return {
    find: async (root) => {
      const results = await create(root, false).lintFiles(['.'])
      return listed(
        results.flatMap(({ filePath, messages }) =>
          messages.filter(isOurs).map(({ line, column, ruleId, message }) => {
            return { file: relative(root, filePath), line, column, rule: ruleId ?? message }
          }),
        ),
      )
    },
    fix: async (root) => {
      await ESLint.outputFixes(await create(root, true).lintFiles(['.']))
    },
  }
}

function run(root: string, ...args: string[]): string {
  return spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
    .stdout
}

interface OxlintReport {
  readonly diagnostics: readonly {
    readonly code: string
    readonly filename: string
    readonly labels: readonly {
      readonly span: { readonly line: number; readonly column: number }
    }[]
  }[]
}

const oxlintHost: Host = {
  find: (root) => {
    const { diagnostics } = JSON.parse(run(root, oxlint, '-f', 'json', '.')) as OxlintReport
    const found = diagnostics.map(({ code, filename, labels }) => ({
      file: relative(root, resolve(root, filename)),
      line: labels[0]?.span.line ?? 0,
      column: labels[0]?.span.column ?? 0,
      rule: code.replace(/^ctx\((.+)\)$/, 'ctx/$1'),
    }))
    return Promise.resolve(listed(found))
  },
  fix: (root) => {
    run(root, oxlint, '--fix', '.')
    return Promise.resolve()
  },
}

const checkHost: Host = {
  find: (root) => {
    const report = JSON.parse(run(root, command, 'check', root, '--reporter', 'json')) as {
      findings: Finding[]
    }
    const found = report.findings.map((each) => ({
      ...each,
      file: relative(root, resolve(root, each.file)),
      rule: `ctx/${each.rule}`,
    }))
    return Promise.resolve(listed(found))
  },
  fix: (root) => {
    run(root, command, root, '--allow-dirty')
    return Promise.resolve()
  },
}

const hosts: [name: string, host: Host][] = [
  ['ESLint typed', eslintHost({ isTyped: true })],
  ['ESLint untyped', eslintHost({ isTyped: false })],
  ['ESLint untyped, by Babel', eslintHost({ isTyped: false, isBabel: true })],
  ['oxlint', oxlintHost],
  ['ctx-fix', checkHost],
]

function listed(findings: readonly Finding[]): string[] {
  return findings.map(({ file, line, column, rule }) => `${file}:${line}:${column} ${rule}`).sort()
}

const configs = {
  '.oxlintrc.json': JSON.stringify({
    plugins: [],
    categories: { correctness: 'off' },
    jsPlugins: [{ name: 'ctx', specifier: built }],
    rules,
    ignorePatterns: ['node_modules'],
  }),
  'ctx-fix.config.json': JSON.stringify(offOption()),
}

const tsconfig = JSON.stringify({ compilerOptions, include: ['*'] })

describe('the bookshop: every host finds the same', () => {
  const found = new Map<string, string[]>()

  beforeAll(async () => {
    const folder = createFolder({})
    const fixture = join(fixtures, 'apps/express-pg')
    cpSync(fixture, folder.root, {
      recursive: true,
      filter: (path) => !['dist', 'node_modules'].includes(basename(path)),
    })
    for (const [name, text] of Object.entries(configs)) writeFileSync(join(folder.root, name), text)
    rmSync(join(folder.root, 'eslint.config.mjs'), { force: true })
    for (const [name, host] of hosts) found.set(name, await host.find(folder.root))
    folder.remove()
  })

  it('something', () => {
    expect(found.get('ctx-fix')?.length).toBeGreaterThan(20)
  })

  it.each(hosts)('%s', (name) => {
    expect(found.get(name)).toEqual(found.get('ctx-fix'))
  })
})

describe.each([
  ['before-after', 'before', 20],
  ['libraries', '.', 3],
  ['frameworks', '.', 5],
])('fixtures/%s: every host finds the same', (name, inner, least) => {
  const situations = join(fixtures, name)
  const found = new Map<string, string[]>()

  beforeAll(async () => {
    const folder = createFolder({ '.oxlintrc.json': configs['.oxlintrc.json'] })
    copySituations(situations, inner, folder.root)
    for (const situation of readdirSync(situations)) {
      const config = join(folder.root, situation, 'ctx-fix.config.json')
      writeFileSync(config, configs['ctx-fix.config.json'])
    }
    for (const [name, host] of hosts) found.set(name, await host.find(folder.root))
    folder.remove()
  })

  it('something in many of them', () => {
    const folders = new Set(found.get('ctx-fix')?.map((each) => each.split('/')[0]))
    expect(folders.size).toBeGreaterThanOrEqual(least)
  })

  it.each(hosts.filter(([name]) => name !== 'ctx-fix'))('%s', (name) => {
    const command = found.get('ctx-fix') ?? []
    expect(found.get(name)).toEqual(command)
  })
})

describe('a file that is mended by itself: every host writes the same bytes', () => {
  const scenarios = [javascript, typescript, commonjs]
  const table = hosts.flatMap(([host, { find, fix }]) =>
    scenarios.map((scenario) => ({ host, find, fix, scenario, name: scenario.name })),
  )

  it.each(table)('$host: $name', async ({ find, fix, scenario }) => {
    const { name, code, line, rule, fixed } = scenario
    const folder = createFolder({
      ...configs,
      [name]: code,
      'package.json': '{ "type": "module" }',
      'tsconfig.json': tsconfig,
    })
    const before = await find(folder.root)
    await fix(folder.root)
    const after = readFileSync(join(folder.root, name), 'utf8')
    folder.remove()
    expect(before).toEqual([`${name}:${line}:26 ${rule}`])
    expect(after).toBe(fixed)
  })
})
