import { AsyncLocalStorage } from 'node:async_hooks'
import type { LedgerQuery } from './query.js'

interface Scope {
  readonly kind?: 'set-up' | 'unrecorded'
  /** Gets the queries that are made inside, and those around it as well. */
  readonly collectors?: readonly LedgerQuery[][]
}

const SCOPES: unique symbol = Symbol.for('@ctx-fix/runtime.assert.scope:2')

const host = globalThis as { [SCOPES]?: AsyncLocalStorage<Scope> | undefined }
const scopes = (host[SCOPES] ??= new AsyncLocalStorage())

/**
 * Runs `fn` as set-up: migrations and fixtures, whose queries need no signal whatever the mode. What
 * `fn` starts and does not await counts as well.
 */
export async function asSetUp<T>(fn: () => T): Promise<Awaited<T>> {
  return await inside({ kind: 'set-up' }, fn)
}

/** Runs `fn` unseen by the ledger: for what looks on. */
export async function unrecorded<T>(fn: () => T): Promise<Awaited<T>> {
  return await inside({ kind: 'unrecorded' }, fn)
}

/** Runs `fn`, and puts the queries that are made by it, and nobody else's, into `made`. */
export async function collecting<T>(made: LedgerQuery[], fn: () => T): Promise<Awaited<T>> {
  const around = scopes.getStore()?.collectors ?? []
  return await inside({ collectors: [...around, made] }, fn)
}

export function isSetUp(): boolean {
  return scopes.getStore()?.kind === 'set-up'
}

export function isUnrecorded(): boolean {
  return scopes.getStore()?.kind === 'unrecorded'
}

/** Tells whoever collects that `query` was made. */
export function noteMade(query: LedgerQuery): void {
  for (const made of scopes.getStore()?.collectors ?? []) made.push(query)
}

async function inside<T>(scope: Scope, fn: () => T): Promise<Awaited<T>> {
  return await scopes.run({ ...scopes.getStore(), ...scope }, async () => await fn())
}
