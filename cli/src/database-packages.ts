import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { databasePackages } from '@ctx-fix/core'
import { findUpward } from './discovery/ancestors.js'

/** Database packages that the nearest package.json upward depends on. */
export function findDatabaseDependencies(folder: string): string[] {
  const holder = findUpward(folder, 'package.json')
  const declared = holder ? readDependencies(join(holder, 'package.json')) : new Set<string>()
  return databasePackages.filter((name) => declared.has(name))
}

function readDependencies(manifest: string): Set<string> {
  try {
    const content = JSON.parse(readFileSync(manifest, 'utf8')) as Record<string, object | undefined>
    const kinds = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']
    return new Set(kinds.flatMap((kind) => Object.keys(content[kind] ?? {})))
  } catch {
    return new Set()
  }
}
