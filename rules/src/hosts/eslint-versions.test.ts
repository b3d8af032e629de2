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
type ParserOptions = (root: string) => object

const none: ParserOptions = () => ({})
const babelOptions: ParserOptions = () => ({
  requireConfigFile: false,
  babelOptions: { parserOpts: { plugins: ['typescript'] } },
})
const byService: ParserOptions = (root) => ({ projectService: true, tsconfigRootDir: root })
const byProject: ParserOptions = (root) => ({ project: './tsconfig.json', tsconfigRootDir: root })

type Options = (root: string, fix: boolean) => object

function flat(parser?: unknown, parserOptions = none): Options {
  return (root, fix) => ({
    cwd: root,
    fix,
    overrideConfigFile: true,
    overrideConfig: [
      { ...plugin.configs.recommended, files: ['**/*'] },
      { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
      {
        files: ['**/*.js', '**/*.ts'],
        languageOptions: {
          ...(parser === undefined ? {} : { parser }),
          parserOptions: parserOptions(root),
        },
      },
    ],
  })
}

function legacy(parser?: string, parserOptions = none): Options {
  return (root, fix) => ({
    cwd: root,
    fix,
    useEslintrc: false,
    plugins: { 'eslint-plugin-ctx': plugin },
    overrideConfig: {
      root: true,
      extends: ['plugin:ctx/legacy-recommended'],
      ...(parser === undefined ? {} : { parser: require.resolve(parser) }),
      parserOptions: { ecmaVersion: 2022, sourceType: 'module', ...parserOptions(root) },
    },
  })
}

const linters = {
  'ESLint 8.57, flat': eslint8Flat,
  'ESLint 9': eslint9,
  'ESLint 10': eslint10,
}

type Scenario = typeof javascript
type Host = [name: string, linter: LinterClass, options: Options, scenario: Scenario]

const ways: [name: string, legacy: Options, flat: Options, scenario: Scenario][] = [
  ['espree', legacy(), flat(), javascript],
  [
    'Babel',
    legacy('@babel/eslint-parser', babelOptions),
    flat(babelParser, babelOptions),
    javascript,
  ],
  [
    'Babel, TypeScript',
    legacy('@babel/eslint-parser', babelOptions),
    flat(babelParser, babelOptions),
    typescript,
  ],
  [
    'typescript-eslint, untyped',
    legacy('@typescript-eslint/parser'),
    flat(typescriptParser),
    typescript,
  ],
  [
    'typescript-eslint, typed by project service',
    legacy('@typescript-eslint/parser', byService),
    flat(typescriptParser, byService),
    typescript,
  ],
  [
    'typescript-eslint, typed by project',
    legacy('@typescript-eslint/parser', byProject),
    flat(typescriptParser, byProject),
    typescript,
  ],
]

const hosts: Host[] = [
  ...ways.map(([name, options, , scenario]): Host => [
    `ESLint 8.57, eslintrc, ${name}`,
    eslint8,
    options,
    scenario,
  ]),
  ...Object.entries(linters).flatMap(([version, linter]) => [
    ...ways.map(([name, , options, scenario]): Host => [
      `${version}, ${name}`,
      linter,
      options,
      scenario,
    ]),
    [`${version}, espree, CommonJS`, linter, flat(), commonjs] satisfies Host,
  ]),
]

const tsconfig = JSON.stringify({
  compilerOptions: { module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] },
  include: ['*.ts'],
})

describe('the same report and the same fixed text', () => {
  it.each(hosts)('%s', async (_name, linter, options, scenario) => {
    const folder = createFolder({
      [scenario.name]: scenario.code,
      'package.json': '{ "type": "module" }',
      'tsconfig.json': tsconfig,
    })
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
