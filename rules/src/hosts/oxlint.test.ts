import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import plugin from '../index.js'
import { built, commonjs, createFolder, javascript, typescript } from './scenario.js'

const oxlint = join(
  dirname(createRequire(import.meta.url).resolve('oxlint/package.json')),
  'bin/oxlint',
)

const config = JSON.stringify({
  plugins: [],
  categories: { correctness: 'off' },
  jsPlugins: [{ name: 'ctx', specifier: built }],
  rules: plugin.configs.recommended.rules,
})

function run(root: string, ...args: string[]) {
  return spawnSync(process.execPath, [oxlint, '-c', '.oxlintrc.json', ...args], {
    cwd: root,
    encoding: 'utf8',
  })
}

describe('oxlint runs the rules and their fixes', () => {
  it.each([
    ['JavaScript', javascript],
    ['TypeScript', typescript],
    ['CommonJS', commonjs],
  ])('%s', (_language, { name, code, rule, line, fixed }) => {
    const folder = createFolder({ [name]: code, '.oxlintrc.json': config })
    onTestFinished(folder.remove)
    const { stdout, stderr } = run(folder.root, '-f', 'json', name)
    const { diagnostics } = JSON.parse(stdout || `{"diagnostics":"${stderr}"}`) as {
      diagnostics: { code: string; labels: { span: { line: number } }[] }[]
    }
    expect(diagnostics.map((each) => [each.code, each.labels[0]?.span.line])).toEqual([
      [rule.replace(/^ctx\/(.+)$/, 'ctx($1)'), line],
    ])
    run(folder.root, '--fix', name)
    expect(readFileSync(join(folder.root, name), 'utf8')).toBe(fixed)
  })

  it('suggestions', () => {
    const name = 'handle.js'
    const code = `/** @param {AbortSignal} signal */\nexport function handle(id, signal) {\n  // ctx:detached -- it was a call once\n  return id\n}\n`
    const folder = createFolder({ [name]: code, '.oxlintrc.json': config })
    onTestFinished(folder.remove)
    run(folder.root, '--fix-suggestions', name)
    expect(readFileSync(join(folder.root, name), 'utf8')).not.toContain('ctx:detached')
  })
})
