import { createRequire, Module } from 'node:module'
import { join } from 'node:path'
import { watchPrismaRuntime } from '../prisma/patch-runtime.js'
import { instrumentFound } from './instrument.js'

// All of pg is CommonJS, so that an `import` of it ends in these files as well. So are the pools of Knex and
// Sequelize.
const FILE_OF_PG =
  /[\\/](?:pg[\\/]lib[\\/](?:client|index|native[\\/]index)|pg-pool[\\/]index|tarn[\\/]dist[\\/]tarn|sequelize-pool[\\/]lib[\\/]index)\.js$/
const REQUEST_FOR_PG = /^(?:pg|pg-pool|pg\/lib\/(?:client|native)(?:\.js)?|tarn|sequelize-pool)$/

const HOOKED: unique symbol = Symbol.for('@ctx-fix/runtime.pg.hooked:1')

type Load = (
  request: string,
  parent: { filename?: string } | undefined,
  ...rest: unknown[]
) => unknown
type Hookable = typeof Module & { _load: Load; [HOOKED]?: true }

/**
 * Instruments every copy of pg in this process: those loaded before, and those that will be. There
 * can be several, because some libraries bring their own.
 */
export function instrumentAllCopies(): void {
  const loader = Module as Hookable
  if (loader[HOOKED]) return
  Object.defineProperty(loader, HOOKED, { value: true })
  watchPrismaRuntime()
  const { cache } = createRequire(join(process.cwd(), 'any.js'))
  for (const [file, module] of Object.entries(cache)) {
    if (module !== undefined && FILE_OF_PG.test(file)) instrumentFound(module.exports)
  }
  const original = loader._load
  loader._load = function load(this: unknown, request, parent, ...rest) {
    const exports = original.call(this, request, parent, ...rest)
    if (isForPg(request, parent?.filename)) instrumentFound(exports)
    return exports
  }
}

function isForPg(request: string, from: string | undefined): boolean {
  // `pg.native` is a getter that requires './native' when it is first read.
  if (request === './native') return from !== undefined && FILE_OF_PG.test(from)
  return REQUEST_FOR_PG.test(request) || FILE_OF_PG.test(request)
}
