import { instrumentPrisma } from '../prisma/instrument-prisma.js'
import {
  patchSequelizePool,
  patchTarnPool,
  type SequelizePool,
  type TarnPool,
} from './other-pools.js'
import { remember } from '../restore-patched.js'
import { patchClient } from './patch-client.js'
import { patchPool } from './patch-pool.js'
import type { PgClient, PgPool } from './pg-internals.js'

const PATCHED: unique symbol = Symbol.for('@ctx-fix/runtime.pg.patched:1')

/**
 * Makes a copy of pg heed signals that the import of this module cannot find by itself: one that was
 * bundled, or loaded by a test runner with a module system of its own.
 *
 * Affects all pools and clients of the copy. Doing it again does nothing.
 *
 * A client of Prisma over `@prisma/adapter-pg` may be given too, where Prisma was loaded before this package:
 * its statements heed signals anyway, but those into which it merges the reads of several callers would heed
 * the first caller's.
 *
 * @param target a pool, a client, one of their classes, the module `pg` or `pg-pool`, or a client of Prisma; a
 *   pool of Knex or Sequelize, whose waits for a connection then end with the signal.
 * @throws {TypeError} when `target` is nothing of the kind.
 * @throws {UnsupportedError} when it is from a version of pg that cannot be instrumented.
 */
export function instrument(target: object): void {
  if (instrumentFound(target)) return
  throw new TypeError('instrument() takes a pool, a client, the module pg, or a client of Prisma')
}

/** The same for something that may or may not be from pg. */
export function instrumentFound(target: unknown): boolean {
  if (target === null || (typeof target !== 'object' && typeof target !== 'function')) return false
  if (instrumentPrisma(target)) return true
  const { Client, Pool, Query, default: namespace } = target as Record<string, unknown>
  const client = ownerOf(target, '_pulseQueryQueue')
  const pool = ownerOf(target, '_pulseQueue')
  if (client !== undefined) patchClient(client as PgClient)
  if (pool !== undefined) patchPool(pool as PgPool)
  let isFound = client !== undefined || pool !== undefined
  isFound = instrumentOtherPool(target) || isFound
  for (const part of [Client, Pool, namespace]) {
    if (part !== target && instrumentFound(part)) isFound = true
  }
  // The module has it under a name of its own, which nothing can set where `target` is a namespace.
  if (Query !== undefined && isInstrumented(Client)) {
    const { Query: patched } = Client as { Query?: unknown }
    if (Query !== patched) {
      remember(target)
      Reflect.set(target, 'Query', patched)
    }
  }
  return isFound
}

/** Knex and Sequelize have pools of other packages around the clients of pg. */
function instrumentOtherPool(target: object): boolean {
  const tarn = ownerOf(target, '_tryAcquireOrCreate')
  const sequelize = ownerOf(target, '_dispense')
  if (tarn !== undefined) patchTarnPool(tarn as TarnPool)
  if (sequelize !== undefined) patchSequelizePool(sequelize as SequelizePool)
  return tarn !== undefined || sequelize !== undefined
}

/** Whether a pool, a client or one of their classes heeds signals. */
export function isInstrumented(target: unknown): boolean {
  const owner =
    typeof target === 'function' ? (target as { prototype?: unknown }).prototype : target
  return typeof owner === 'object' && owner !== null && PATCHED in owner
}

/** The prototype that defines `method`: of the instance, or of the class, that `target` is. */
function ownerOf(target: object, method: string): object | undefined {
  let candidate: unknown =
    typeof target === 'function' ? (target as { prototype?: unknown }).prototype : target
  while (typeof candidate === 'object' && candidate !== null) {
    if (Object.hasOwn(candidate, method)) return candidate
    candidate = Object.getPrototypeOf(candidate) as unknown
  }
  return undefined
}
