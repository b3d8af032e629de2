import { findNearest } from './nearest.js'

/** What an editor reads: https://json-schema.org/draft-07. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** Takes a schema that is mentioned by name, so that it is written once. */
type Define = (name: string, schema: JsonSchema) => void

/** One description of a value, for the command and the linter, which read it, and for editors, which show it. */
export interface Shape {
  /** Says in one line what is wrong with the first part of a value that does not fit, if any. */
  readonly find: (value: unknown, at: string) => string | undefined
  readonly schema: (define: Define) => JsonSchema
}

/** Where an error speaks of the whole, which has no name of its own. */
const whole = (at: string) => (at === '' ? 'the configuration' : `"${at}"`)

function simple(fits: (value: unknown) => boolean, expected: string, schema: JsonSchema): Shape {
  return {
    find: (value, at) => (fits(value) ? undefined : wrong(at, expected, value)),
    schema: () => schema,
  }
}

export const text = simple((value) => typeof value === 'string', 'a string', { type: 'string' })
export const flag = simple((value) => typeof value === 'boolean', 'true or false', {
  type: 'boolean',
})
export const integer = simple(Number.isInteger, 'a whole number', { type: 'integer' })
export const milliseconds = simple(
  (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
  'a positive number of milliseconds',
  { type: 'number', exclusiveMinimum: 0 },
)
export const position = simple(
  (value) => value === 'last' || Number.isInteger(value),
  'a position or "last"',
  { anyOf: [{ type: 'integer' }, { const: 'last' }] },
)

export function oneOf(...names: readonly string[]): Shape {
  return simple(
    (value) => names.some((name) => name === value),
    names.map((name) => `"${name}"`).join(' or '),
    { enum: names },
  )
}

export function list(item: Shape): Shape {
  return {
    find(value, at) {
      if (!Array.isArray(value)) return wrong(at, 'an array', value)
      return firstProblem(value.entries(), ([index, each]) =>
        item.find(each, `${at}[${String(index)}]`),
      )
    },
    schema: (define) => ({ type: 'array', items: item.schema(define) }),
  }
}

/** An object whose keys are names that the author chooses. */
export function record(item: Shape): Shape {
  return {
    find(value, at) {
      if (!isObject(value)) return wrong(at, 'an object', value)
      return firstProblem(Object.entries(value), ([key, each]) => item.find(each, join(at, key)))
    },
    schema: (define) => ({ type: 'object', additionalProperties: item.schema(define) }),
  }
}

export function object(
  members: Readonly<Record<string, Shape>>,
  required: readonly string[] = [],
): Shape {
  return {
    find(value, at) {
      if (!isObject(value)) return wrong(at, 'an object', value)
      const missing = required.find((key) => !Object.hasOwn(value, key))
      if (missing !== undefined) return `${whole(at)} lacks "${missing}"`
      return firstProblem(Object.entries(value), ([key, each]) => {
        const shape = Object.hasOwn(members, key) ? members[key] : undefined
        return shape ? shape.find(each, join(at, key)) : unknownKey(key, at, Object.keys(members))
      })
    },
    schema: (define) => ({
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(members).map(([key, each]) => [key, each.schema(define)]),
      ),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    }),
  }
}

/** An object whose key `kind` says which of the shapes it has. */
export function byKind(shapes: Readonly<Record<string, Shape>>): Shape {
  return {
    find(value, at) {
      if (!isObject(value)) return wrong(at, 'an object', value)
      const { kind } = value
      const shape =
        typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined
      return shape
        ? shape.find(value, at)
        : oneOf(...Object.keys(shapes)).find(kind, join(at, 'kind'))
    },
    schema: (define) => ({
      oneOf: Object.entries(shapes).map(([kind, shape]) => {
        const { properties, ...rest } = shape.schema(define) as { properties: object }
        return { ...rest, properties: { ...properties, kind: { const: kind } } }
      }),
    }),
  }
}

/** A shape that occurs in many places: its schema is written once, under a name. */
export function named(name: string, shape: Shape): Shape {
  return {
    find: shape.find,
    schema(define) {
      define(name, shape.schema(define))
      return { $ref: `#/definitions/${name}` }
    },
  }
}

/** With the words that an editor shows. */
export function described(description: string, shape: Shape, standard?: unknown): Shape {
  const more = standard === undefined ? { description } : { description, default: standard }
  return { find: shape.find, schema: (define) => ({ ...shape.schema(define), ...more }) }
}

/** The schema of a shape with the definitions that it mentions. */
export function schemaOf(shape: Shape): JsonSchema {
  const definitions: Record<string, JsonSchema> = {}
  const schema = shape.schema((name, each) => {
    definitions[name] = each
  })
  return { ...schema, definitions }
}

function firstProblem<Item>(
  items: Iterable<Item>,
  find: (item: Item) => string | undefined,
): string | undefined {
  for (const item of items) {
    const problem = find(item)
    if (problem !== undefined) return problem
  }
  return undefined
}

function unknownKey(key: string, at: string, known: readonly string[]): string {
  const nearest = findNearest(key, known)
  const hint =
    nearest === undefined ? `: known are ${known.join(', ')}` : `, did you mean "${nearest}"?`
  return `${whole(at)} has an unknown key "${key}"${hint}`
}

function join(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(at: string, expected: string, value: unknown): string {
  return `${whole(at)} must be ${expected}, not ${show(value)}`
}

function show(value: unknown): string {
  if (value === undefined) return 'absent'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value)
}
