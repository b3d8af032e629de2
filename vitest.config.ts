import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Workspace packages are tested from their sources, not from dist.
  resolve: { conditions: ['@ctx-fix/source'] },
  ssr: { resolve: { conditions: ['@ctx-fix/source'] } },
  test: {
    include: [
      '{core,rules,codemods,cli,runtime,fixtures}/src/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    globalSetup: ['fixtures/src/vitest-postgres.ts'],
    // Real servers, sockets and nested test runs on a small shared machine: a late answer is asked for again.
    retry: process.env['CI'] ? 2 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
