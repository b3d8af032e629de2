import * as babel from '@babel/eslint-parser'
import * as typescript from '@typescript-eslint/parser'
import { ESLint } from 'eslint'
import plugin from '../index.js'

export interface Linting {
  readonly isTyped: boolean
  /** In the place of typescript-eslint's parser. */
  readonly isBabel?: boolean
  readonly fix: boolean
  /** `strict` where it is not said. */
  readonly rules?: object
}

const babelOptions = (...plugins: readonly string[]) => ({
  requireConfigFile: false,
  babelOptions: {
    configFile: false,
    parserOpts: { plugins: ['typescript', 'decorators-legacy', ...plugins] },
  },
})

/** ESLint with nothing but the rules of this plugin, for a folder of projects. */
export function createEslint(root: string, { isTyped, isBabel, fix, rules }: Linting): ESLint {
  return new ESLint({
    cwd: root,
    fix,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.{ts,tsx,js,cjs}'],
        plugins: { ctx: plugin },
        rules: rules ?? plugin.configs.strict.rules,
        languageOptions: {
          parser: isBabel ? babel : typescript,
          parserOptions: isBabel
            ? babelOptions()
            : isTyped
              ? { projectService: true, tsconfigRootDir: root }
              : {},
        },
      },
      ...(isBabel
        ? [{ files: ['**/*.tsx'], languageOptions: { parserOptions: babelOptions('jsx') } }]
        : []),
    ],
  })
}

/** With types, ESLint has nothing to say of a file that no tsconfig includes. */
export function isOurs({ message }: { readonly message: string }): boolean {
  return !message.includes('was not found by the project service')
}
