import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findUpward } from './discovery/ancestors.js'

/**
 * Packages through which a Node program talks to a database, supported or not. They tell a project
 * that has nothing to mend from one whose calls were not recognised.
 */
const databasePackages = [
  '@libsql/client',
  '@mikro-orm/core',
  '@neondatabase/serverless',
  '@planetscale/database',
  '@prisma/client',
  '@supabase/supabase-js',
  '@vercel/postgres',
  'better-sqlite3',
  'cassandra-driver',
  'drizzle-orm',
  'ioredis',
  'knex',
  'kysely',
  'mariadb',
  'massive',
  'mongodb',
  'mongoose',
  'mssql',
  'mysql',
  'mysql2',
  'objection',
  'oracledb',
  'pg',
  'pg-native',
  'pg-promise',
  'postgres',
  'redis',
  'sequelize',
  'slonik',
  'sqlite3',
  'tedious',
  'typeorm',
] as const

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
