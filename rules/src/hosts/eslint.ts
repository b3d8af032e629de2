import * as parser from '@typescript-eslint/parser'
import { ESLint } from 'eslint'
import plugin from '../index.js'

export interface Linting {
  readonly isTyped: boolean
  readonly fix: boolean
  /** `strict` where it is not said. */
  readonly rules?: object
}

/** ESLint with nothing but the rules of this plugin, for a folder of projects. */
export function createEslint(root: string, { isTyped, fix, rules }: Linting): ESLint {
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
          parser,
          parserOptions: isTyped ? { projectService: true, tsconfigRootDir: root } : {},
        },
      },
    ],
  })
}

/** With types, ESLint has nothing to say of a file that no tsconfig includes. */
export function isOurs({ message }: { readonly message: string }): boolean {
  return !message.includes('was not found by the project service')
}
