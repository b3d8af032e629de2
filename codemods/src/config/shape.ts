/** Says in one line what is wrong with the first part of a value that does not fit, if any. */
export type Shape = (value: unknown, at: string) => string | undefined

export const text: Shape = (value, at) =>
  typeof value === 'string' ? undefined : wrong(at, 'a string', value)

export const flag: Shape = (value, at) =>
  typeof value === 'boolean' ? undefined : wrong(at, 'true or false', value)

export const whole: Shape = (value, at) =>
  Number.isInteger(value) ? undefined : wrong(at, 'a whole number', value)

export const position: Shape = (value, at) =>
  value === 'last' || Number.isInteger(value) ? undefined : wrong(at, 'a position or "last"', value)

export function oneOf(...names: readonly string[]): Shape {
  return (value, at) =>
    names.some((name) => name === value)
      ? undefined
      : wrong(at, names.map((name) => `"${name}"`).join(' or '), value)
}

export function list(item: Shape): Shape {
  return (value, at) => {
    if (!Array.isArray(value)) return wrong(at, 'an array', value)
    return firstProblem(value.entries(), ([index, each]) => item(each, `${at}[${String(index)}]`))
  }
}

/** An object whose keys are names that the author chooses. */
export function record(item: Shape): Shape {
  return (value, at) => {
    if (!isObject(value)) return wrong(at, 'an object', value)
    return firstProblem(Object.entries(value), ([key, each]) => item(each, `${at}.${key}`))
  }
}

export function object(
  members: Readonly<Record<string, Shape>>,
  required: readonly string[] = [],
): Shape {
  return (value, at) => {
    if (!isObject(value)) return wrong(at, 'an object', value)
    const missing = required.find((key) => !Object.hasOwn(value, key))
    if (missing !== undefined) return `"${at}" lacks "${missing}"`
    return firstProblem(Object.entries(value), ([key, each]) => {
      const shape = Object.hasOwn(members, key) ? members[key] : undefined
      if (shape) return shape(each, `${at}.${key}`)
      return `"${at}" has an unknown key "${key}": known are ${Object.keys(members).join(', ')}`
    })
  }
}

/** An object whose key `kind` says which of the shapes it has. */
export function byKind(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, at) => {
    if (!isObject(value)) return wrong(at, 'an object', value)
    const kind = value['kind']
    const shape = typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined
    return shape ? shape(value, at) : oneOf(...Object.keys(shapes))(kind, `${at}.kind`)
  }
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(at: string, expected: string, value: unknown): string {
  return `"${at}" must be ${expected}, not ${show(value)}`
}

function show(value: unknown): string {
  if (value === undefined) return 'absent'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null) return 'an object'
  return JSON.stringify(value)
}
