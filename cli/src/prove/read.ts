import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from '../usage-error.js'
import type { Proof } from './proof.js'

/** @throws {UsageError} when `path` is no proof. */
export function readProof(path: string, cwd: string): Proof {
  let proof: Partial<Proof>
  try {
    proof = JSON.parse(readFileSync(resolve(cwd, path), 'utf8')) as Partial<Proof>
  } catch (error) {
    throw new UsageError(`--proof ${path}: ${(error as Error).message}`)
  }
  if (proof.version !== 1 || !Array.isArray(proof.sites)) {
    throw new UsageError(`--proof ${path} is not what ctx-fix prove writes`)
  }
  return proof as Proof
}
