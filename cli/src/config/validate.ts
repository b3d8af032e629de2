import { readFileSync } from 'node:fs'
import { findNearest } from './nearest.js'

/** The part of JSON Schema that `config.schema.json` uses, so that the file is the one description. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'boolean'
  readonly enum?: readonly string[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
}

export function readSchema(): Schema {
  return JSON.parse(
    readFileSync(new URL('../../config.schema.json', import.meta.url), 'utf8'),
  ) as Schema
}

/** Says in one line what is wrong with the first part that does not fit. */
export function findProblem(value: unknown, schema: Schema, key = ''): string | undefined {
  const subject = key === '' ? 'the configuration' : `"${key}"`
  if (schema.enum) {
    if (typeof value === 'string' && schema.enum.includes(value)) return undefined
    return `${subject} must be ${schema.enum.map((one) => `"${one}"`).join(' or ')}, not ${show(value)}`
  }
  const kind = getKind(value)
  if (kind !== schema.type) {
    return `${subject} must be ${/^[ao]/.test(schema.type ?? '') ? 'an' : 'a'} ${schema.type ?? ''}, not ${show(value)}`
  }
  if (kind === 'array') return findProblemInItems(value as readonly unknown[], schema, key)
  if (kind === 'object') return findProblemInKeys(value as Record<string, unknown>, schema)
  return undefined
}

function findProblemInItems(
  items: readonly unknown[],
  schema: Schema,
  key: string,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const problem = findProblem(item, schema.items ?? {}, `${key}[${String(index)}]`)
    if (problem) return problem
  }
  return undefined
}

function findProblemInKeys(
  value: Record<string, unknown>,
  { properties }: Schema,
): string | undefined {
  if (!properties) return undefined
  for (const [key, member] of Object.entries(value)) {
    const schema = properties[key]
    if (!schema) {
      const nearest = findNearest(key, Object.keys(properties))
      return (
        `unknown key "${key}"` +
        (nearest
          ? `, did you mean "${nearest}"?`
          : `, known are ${Object.keys(properties).join(', ')}`)
      )
    }
    const problem = findProblem(member, schema, key)
    if (problem) return problem
  }
  return undefined
}

function getKind(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value
}

function show(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : getKind(value)
}
