import { defineConfig } from 'vitest/config'

// Real servers, sockets and nested test runs on a small shared machine: a late answer is asked for again. What
// tests races, and the soak, has none of it.
const retry = process.env['CI'] ? 2 : 0

export default defineConfig({
  // Workspace packages are tested from their sources, not from dist.
  resolve: { conditions: ['@ctx-fix/source'] },
  ssr: { resolve: { conditions: ['@ctx-fix/source'] } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'engine',
          include: ['core/src/**/*.test.ts', 'rules/src/rules/*.test.ts'],
          // Pure functions over data: the files share what they import, which takes longer than they do.
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'hosts',
          include: [
            '{rules,codemods,cli,runtime,fixtures}/src/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: ['rules/src/rules/*.test.ts'],
          globalSetup: ['fixtures/src/vitest-postgres.ts'],
          // Under CI typescript-eslint takes a process for the lint of one project and keeps each project's
          // program for good: right for a command, too much for tests that lint a hundred projects.
          env: { TSESTREE_SINGLE_RUN: 'false' },
          testTimeout: 60_000,
          hookTimeout: 120_000,
          retry,
        },
      },
    ],
  },
})
