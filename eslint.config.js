import ctx from 'eslint-plugin-ctx'
import tseslint from 'typescript-eslint'

/** core ← rules, codemods ← cli; the runtime knows none of them, and none of them knows it. */
const tooling = ['@ctx-fix/core', '@ctx-fix/codemods', 'eslint-plugin-ctx', 'ctx-fix']
const mayNotImport = (folder, packages) => ({
  name: `direction/${folder}`,
  files: [`${folder}/src/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            group: packages.flatMap((name) => [name, `${name}/*`]),
            message: 'This package may not depend on that one (docs/decisions.md).',
          },
          {
            regex: String.raw`^(\.\./)+(core|rules|codemods|cli|runtime|fixtures)/`,
            message: 'Import the package, not its files.',
          },
        ],
      },
    ],
  },
})

export default tseslint.config(
  {
    ignores: [
      '**/dist',
      '**/node_modules',
      '.tmp',
      'fixtures/apps',
      'fixtures/before-after',
      'fixtures/codemods',
      'fixtures/workspaces',
      'fixtures/cases',
      'fixtures/libraries',
      'fixtures/frameworks',
      'codemods/runtime-types',
      'runtime/cjs',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // Numbers in messages are what they look like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
    },
  },
  { files: ['**/*.{js,mjs,cjs}'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    ...ctx.configs.strict,
    files: ['{core,rules,codemods,cli,runtime}/src/**/*.ts'],
    // Support of tests by another name.
    ignores: ['*/src/testing/**', 'runtime/src/test-support/**'],
  },
  // What handlers derive their signals with is made here.
  { files: ['runtime/src/http/**/*.ts'], rules: { 'ctx/derive-in-handler': 'off' } },
  mayNotImport('core', [...tooling.slice(1), '@ctx-fix/runtime']),
  mayNotImport('rules', ['@ctx-fix/codemods', 'ctx-fix', '@ctx-fix/runtime']),
  mayNotImport('codemods', ['eslint-plugin-ctx', 'ctx-fix', '@ctx-fix/runtime']),
  mayNotImport('cli', ['eslint-plugin-ctx', '@ctx-fix/runtime']),
  mayNotImport('runtime', tooling),
)
