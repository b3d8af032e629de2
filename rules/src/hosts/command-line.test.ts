import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import plugin from '../index.js'
import { built, createFolder, packages, typescript, type Folder } from './scenario.js'

const require = createRequire(import.meta.url)
const eslint = join(dirname(require.resolve('eslint/package.json')), 'bin/eslint.js')
const href = (path: string) => JSON.stringify(pathToFileURL(path).href)

/** Takes the script out of a component, as the processors of Vue and Svelte do. */
const processor = `{
  preprocess: (text) => [{ text: /<script>([^]*)<\\/script>/.exec(text)?.[1] ?? '', filename: 'script.ts' }],
  postprocess: (messages) => messages.flat(),
  supportsAutofix: false,
}`

const config = `
import ctx from ${href(built)}
import { parser } from ${href(join(packages, 'typescript-eslint/dist/index.js'))}

export default [
  { ...ctx.configs.recommended, files: ['**/*.ts'] },
  { files: ['**/*.ts'], languageOptions: { parser } },
  { files: ['**/*.vue', '**/*.svelte'], processor: ${processor} },
]
`

const component = `<template><p>{{ user }}</p></template>
<script>
export const load = (id: string, signal: AbortSignal) => fetch('https://a.example/' + id)
</script>
`

let folder: Folder
beforeAll(() => {
  folder = createFolder({
    'eslint.config.mjs': config,
    'package.json': '{ "type": "module" }',
    [typescript.name]: typescript.code,
    'clean.ts': 'export {}\n',
    'view.vue': component,
    'view.svelte': component,
  })
  for (const root of ['one', 'two']) {
    mkdirSync(join(folder.root, root))
    writeFileSync(join(folder.root, root, 'users.ts'), typescript.code)
    writeFileSync(join(folder.root, root, 'eslint.config.mjs'), config)
  }
})
afterAll(() => {
  folder.remove()
})

interface Result {
  readonly filePath: string
  readonly messages: readonly { readonly ruleId: string }[]
  readonly output?: string
}

function run(...args: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [eslint, ...args], {
    cwd: folder.root,
    encoding: 'utf8',
  })
  return { stdout, stderr, status }
}

function results(...args: string[]): Result[] {
  const { stdout, stderr } = run('-f', 'json', ...args)
  return JSON.parse(stdout || JSON.stringify([stderr])) as Result[]
}

const rulesOf = ({ messages }: Result) => messages.map((each) => each.ruleId)

describe('what people use of the command line of ESLint', () => {
  it('--fix-type problem applies the fixes, --fix-type layout none', () => {
    const [problem] = results('--fix-dry-run', '--fix-type', 'problem', typescript.name)
    expect(problem?.output).toBe(typescript.fixed)
    const [layout] = results('--fix-dry-run', '--fix-type', 'layout', typescript.name)
    expect(layout?.output).toBe(undefined)
  })

  it('--cache keeps the findings, and gives them again', () => {
    const first = results('--cache', typescript.name).map(rulesOf)
    expect(first).toEqual([[typescript.rule]])
    expect(readFileSync(join(folder.root, '.eslintcache'), 'utf8')).toContain(typescript.rule)
    expect(results('--cache', typescript.name).map(rulesOf)).toEqual(first)
  })

  it('--print-config shows the rules with their options', () => {
    const { stdout } = run('--print-config', typescript.name)
    const { rules, plugins } = JSON.parse(stdout) as { rules: object; plugins: string[] }
    expect(rules).toHaveProperty(['ctx/require-signal'], [2, { noSignalInScope: 'report' }])
    expect(plugins.join()).toContain(`ctx:eslint-plugin-ctx@${plugin.meta.version}`)
  })

  it('--stdin with a name', () => {
    const { stdout } = spawnSync(
      process.execPath,
      [eslint, '--stdin', '--stdin-filename', 'new.ts', '-f', 'json'],
      { cwd: folder.root, encoding: 'utf8', input: typescript.code },
    )
    expect((JSON.parse(stdout) as Result[]).map(rulesOf)).toEqual([[typescript.rule]])
  })

  it('--report-unused-disable-directives, and a disable with its reason', () => {
    const text = typescript.code.replace(
      /^(.*pool\.query)/m,
      '  // eslint-disable-next-line ctx/require-signal -- short and rare\n$1',
    )
    writeFileSync(join(folder.root, 'disabled.ts'), text)
    const args = ['--report-unused-disable-directives', 'disabled.ts']
    expect(results(...args).map(rulesOf)).toEqual([[]])
  })

  it.each(['view.vue', 'view.svelte'])('the script that a processor takes out of %s', (name) => {
    expect(results(name).map(rulesOf)).toEqual([['ctx/require-signal']])
  })

  it('several roots in one run, each with its own configuration', () => {
    const found = results('one', 'two')
    expect(found.map(rulesOf).filter((each) => each.length > 0)).toEqual([
      [typescript.rule],
      [typescript.rule],
    ])
  })

  it('--concurrency', () => {
    expect(results('--concurrency', '2', typescript.name, 'clean.ts').map(rulesOf).flat()).toEqual([
      typescript.rule,
    ])
  })
})

it('the plugin says who it is', () => {
  const { name, version } = require('../../package.json') as { name: string; version: string }
  expect(plugin.meta).toEqual({ name, version, namespace: 'ctx' })
})

it('configurations fit the types of defineConfig, in ESLint and in typescript-eslint', () => {
  const source = `
import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'
import ctx, { configs } from 'eslint-plugin-ctx'

export const own = defineConfig(
  ctx.configs.recommended,
  { files: ['src/**/*.ts'], extends: [ctx.configs.strict], plugins: { ctx } },
  { files: ['jobs/**'], extends: ['ctx/all'], plugins: { ctx } },
  configs.ambient,
)
export const theirs = tseslint.config(...tseslint.configs.recommended, ctx.configs.recommended)
`
  const path = join(import.meta.dirname, '__config__.ts')
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    types: ['node'],
  }
  const host = ts.createCompilerHost(options)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, version) =>
    name === path ? ts.createSourceFile(name, source, version) : read(name, version)
  const program = ts.createProgram([path], options, host)
  const messages = ts
    .getPreEmitDiagnostics(program, program.getSourceFile(path))
    .map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'))
  expect(messages).toEqual([])
})
