import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** Our own copy of the runtime's declarations, for projects that have not installed it. */
export function runtimeTypes(): Readonly<Record<string, string>> {
  const folder = join(here, '..', 'runtime-types')
  const request = join(folder, 'request.d.ts')
  const context = join(folder, 'context.d.ts')
  return {
    '@ctx-fix/runtime': join(folder, 'index.d.ts'),
    '@ctx-fix/runtime/pg': join(folder, 'pg.d.ts'),
    '@ctx-fix/runtime/assert': join(folder, 'assert.d.ts'),
    '@ctx-fix/runtime/postgres': join(folder, 'postgres.d.ts'),
    '@ctx-fix/runtime/node': join(folder, 'node.d.ts'),
    '@ctx-fix/runtime/express': request,
    '@ctx-fix/runtime/fastify': join(folder, 'fastify.d.ts'),
    '@ctx-fix/runtime/koa': context,
    '@ctx-fix/runtime/hono': context,
    '@ctx-fix/runtime/nest': join(folder, 'nest.d.ts'),
    '@ctx-fix/runtime/hapi': join(folder, 'hapi.d.ts'),
    '@ctx-fix/runtime/web': join(folder, 'web.d.ts'),
    '@ctx-fix/runtime/h3': join(folder, 'h3.d.ts'),
    '@ctx-fix/runtime/trpc': join(folder, 'trpc.d.ts'),
    '@ctx-fix/runtime/graphql': join(folder, 'graphql.d.ts'),
    '@ctx-fix/runtime/next': join(folder, 'next.d.ts'),
    '@ctx-fix/runtime/lambda': join(folder, 'lambda.d.ts'),
    '@ctx-fix/runtime/job': join(folder, 'job.d.ts'),
    '@ctx-fix/runtime/bullmq': join(folder, 'bullmq.d.ts'),
    '@ctx-fix/runtime/pg-boss': join(folder, 'pg-boss.d.ts'),
    '@ctx-fix/runtime/graphile-worker': join(folder, 'graphile-worker.d.ts'),
    '@ctx-fix/runtime/grpc': join(folder, 'grpc.d.ts'),
  }
}
