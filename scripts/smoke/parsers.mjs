import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(fileURLToPath(new URL('../../rules/package.json', import.meta.url)))

/** Everything that Babel reads besides the standard, as far as it goes together. */
const proposals = [
  'asyncDoExpressions',
  'decoratorAutoAccessors',
  'decorators-legacy',
  'deferredImportEvaluation',
  'destructuringPrivate',
  'doExpressions',
  'exportDefaultFrom',
  'explicitResourceManagement',
  'functionBind',
  'functionSent',
  'moduleBlocks',
  ['optionalChainingAssign', { version: '2023-07' }],
  'partialApplication',
  ['pipelineOperator', { proposal: 'hack', topicToken: '^^' }],
  'sourcePhaseImports',
  'throwExpressions',
]

const isTypeScript = (path) => /\.[cm]?tsx?$/.test(path)

const babel = (path) => ({
  parser: require('@babel/eslint-parser'),
  parserOptions: {
    requireConfigFile: false,
    babelOptions: {
      babelrc: false,
      configFile: false,
      parserOpts: {
        errorRecovery: true,
        plugins: [...proposals, ...(isTypeScript(path) ? ['typescript'] : ['flow', 'jsx'])],
      },
    },
  },
})

/** The parsers that a linter is used with, and what each is given of a file; undefined where it reads no such file. */
export const parsers = {
  espree: (path) =>
    isTypeScript(path) ? undefined : { parserOptions: { ecmaFeatures: { jsx: true } } },
  'typescript-eslint': (path) => ({
    parser: require('@typescript-eslint/parser'),
    parserOptions: { ecmaFeatures: { jsx: !/\.[cm]?ts$/.test(path) } },
  }),
  babel,
}
