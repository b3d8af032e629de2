import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import plugin from '../index.js'
import { commonjs, createFolder, javascript, typescript } from './scenario.js'

const require = createRequire(import.meta.url)

interface Message {
  readonly ruleId: string
  readonly line: number
}

interface Linter {
  lintFiles(files: string[]): Promise<{ messages: Message[]; output?: string }[]>
}

type LinterClass = new (options: object) => Linter

const eslint10 = (require('eslint') as { ESLint: LinterClass }).ESLint
const eslint9 = (require('eslint-9') as { ESLint: LinterClass }).ESLint
const eslint8 = (require('eslint-8') as { ESLint: LinterClass }).ESLint
const eslint8Flat = (require('eslint-8/use-at-your-own-risk') as { FlatESLint: LinterClass })
  .FlatESLint

const typescriptParser: unknown = require('@typescript-eslint/parser')
const babelParser: unknown = require('@babel/eslint-parser')
const babelOptions = {
  requireConfigFile: false,
  babelOptions: { parserOpts: { plugins: ['typescript'] } },
}

function flat(parser: unknown, parserOptions: object = {}) {
  return (root: string, fix: boolean) => ({
    cwd: root,
    fix,
    overrideConfigFile: true,
    overrideConfig: [
      { ...plugin.configs.recommended, files: ['**/*'] },
      { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
      {
        files: ['**/*.js', '**/*.ts'],
        languageOptions: { ...(parser === undefined ? {} : { parser }), parserOptions },
      },
    ],
  })
}

function legacy(parser?: string, parserOptions: object = {}) {
  return (root: string, fix: boolean) => ({
    cwd: root,
    fix,
    useEslintrc: false,
    plugins: { 'eslint-plugin-ctx': plugin },
    overrideConfig: {
      root: true,
      extends: ['plugin:ctx/legacy-recommended'],
      ...(parser === undefined ? {} : { parser: require.resolve(parser) }),
      parserOptions: { ecmaVersion: 2022, sourceType: 'module', ...parserOptions },
    },
  })
}

type Host = [
  name: string,
  linter: LinterClass,
  options: (root: string, fix: boolean) => object,
  scenario: typeof javascript,
]

const hosts: Host[] = [
  ['ESLint 8.57, eslintrc, espree', eslint8, legacy(), javascript],
  [
    'ESLint 8.57, eslintrc, typescript-eslint',
    eslint8,
    legacy('@typescript-eslint/parser'),
    typescript,
  ],
  [
    'ESLint 8.57, eslintrc, Babel',
    eslint8,
    legacy('@babel/eslint-parser', babelOptions),
    javascript,
  ],
  ['ESLint 8.57, flat, espree', eslint8Flat, flat(undefined), javascript],
  ['ESLint 9, espree', eslint9, flat(undefined), javascript],
  ['ESLint 9, espree, CommonJS', eslint9, flat(undefined), commonjs],
  ['ESLint 9, typescript-eslint', eslint9, flat(typescriptParser), typescript],
  ['ESLint 9, Babel', eslint9, flat(babelParser, babelOptions), javascript],
  ['ESLint 10, espree', eslint10, flat(undefined), javascript],
  ['ESLint 10, espree, CommonJS', eslint10, flat(undefined), commonjs],
  ['ESLint 10, typescript-eslint', eslint10, flat(typescriptParser), typescript],
]

describe('the same report and the same fixed text', () => {
  it.each(hosts)('%s', async (_name, linter, options, scenario) => {
    const folder = createFolder({ [scenario.name]: scenario.code, 'package.json': '{}' })
    onTestFinished(folder.remove)
    const lint = async (fix: boolean) => {
      const [result] = await new linter(options(folder.root, fix)).lintFiles([
        join(folder.root, scenario.name),
      ])
      return result
    }
    expect((await lint(false))?.messages).toMatchObject([
      { ruleId: scenario.rule, line: scenario.line },
    ])
    expect((await lint(true))?.output).toBe(scenario.fixed)
  })
})
