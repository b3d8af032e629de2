import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { built, createFolder, packages, typescript } from './scenario.js'

const require = createRequire(import.meta.url)
const eslint = join(dirname(require.resolve('eslint/package.json')), 'bin/eslint.js')

/** All that the package of TypeScript 7 exports to `require`: it is a native program. */
const native = `exports.version = '7.0.2'\n`

interface Version {
  /** The package that `typescript` stands for, or the native one. */
  readonly typescript: 'typescript' | 'typescript-5' | 'native'
  /** Another one that the linter's parser is given, as `overrides` of a package manager do. */
  readonly parsersOwn?: 'typescript'
  readonly parser: '@typescript-eslint/parser' | '@babel/eslint-parser'
  readonly isTyped: boolean
  readonly seen: RegExp
}

const versions: Readonly<Record<string, Version>> = {
  'TypeScript 5, typed': {
    typescript: 'typescript-5',
    parser: '@typescript-eslint/parser',
    isTyped: true,
    seen: /^5\./,
  },
  'TypeScript 5, untyped': {
    typescript: 'typescript-5',
    parser: '@typescript-eslint/parser',
    isTyped: false,
    seen: /^5\./,
  },
  'TypeScript 6, typed': {
    typescript: 'typescript',
    parser: '@typescript-eslint/parser',
    isTyped: true,
    seen: /^6\./,
  },
  'TypeScript 7, untyped by way of Babel': {
    typescript: 'native',
    parser: '@babel/eslint-parser',
    isTyped: false,
    seen: /^7\./,
  },
  'TypeScript 7, typed by a TypeScript 6 of the parser': {
    typescript: 'native',
    parsersOwn: 'typescript',
    parser: '@typescript-eslint/parser',
    isTyped: true,
    seen: /^7\./,
  },
}

/** Lets `typescript` mean a package, for everyone or for all but the parser. */
const redirect = ({ typescript, parsersOwn }: Version) => `
const { join } = require('node:path')
const Module = require('node:module')
const resolve = Module._resolveFilename
const paths = {
  native: join(__dirname, 'native.cjs'),
  typescript: ${JSON.stringify(join(packages, 'typescript/lib/typescript.js'))},
  'typescript-5': ${JSON.stringify(join(packages, 'typescript-5/lib/typescript.js'))},
}
Module._resolveFilename = function (request, parent, ...rest) {
  if (request !== 'typescript') return resolve.call(this, request, parent, ...rest)
  const isParser = /[\\\\/](?:@typescript-eslint|ts-api-utils)[\\\\/]/.test(parent?.filename ?? '')
  return paths[isParser ? '${parsersOwn ?? typescript}' : '${typescript}']
}
`

const config = ({ parser, isTyped }: Version) => `
import { createRequire } from 'node:module'
import ctx from ${JSON.stringify(pathToFileURL(built).href)}

const require = createRequire(import.meta.url)
process.stderr.write(require('typescript').version)
const parser = require(${JSON.stringify(require.resolve(parser))})
const parserOptions = ${
  isTyped
    ? '{ projectService: true, tsconfigRootDir: import.meta.dirname }'
    : `{ requireConfigFile: false, babelOptions: { parserOpts: { plugins: ['typescript'] } } }`
}
export default [
  { ...ctx.configs.recommended, files: ['**/*.ts'] },
  { files: ['**/*.ts'], languageOptions: { parser, parserOptions } },
]
`

describe('the same fixed text', () => {
  it.each(Object.entries(versions))('%s', (_name, version) => {
    const folder = createFolder({
      'native.cjs': native,
      'redirect.cjs': redirect(version),
      'eslint.config.mjs': config(version),
      'tsconfig.json': '{ "compilerOptions": { "module": "nodenext", "skipLibCheck": true } }',
      'package.json': '{ "type": "module" }',
      [typescript.name]: typescript.code,
    })
    onTestFinished(folder.remove)
    const { stderr } = spawnSync(
      process.execPath,
      ['--require', './redirect.cjs', eslint, '--fix', typescript.name],
      { cwd: folder.root, encoding: 'utf8' },
    )
    expect(stderr).toMatch(version.seen)
    expect(readFileSync(join(folder.root, typescript.name), 'utf8')).toBe(typescript.fixed)
  })
})
