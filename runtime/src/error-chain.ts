/** Deeper than any ORM wraps its driver's errors. */
const MAX_DEPTH = 8

/**
 * `error` and what it wraps, outermost first: as `cause`, or as the `parent` of Sequelize's errors
 * (https://github.com/sequelize/sequelize/blob/v6/src/errors/database-error.ts).
 */
export function* errorChain(error: unknown): Generator<object> {
  let current = error
  for (let depth = 0; depth < MAX_DEPTH && isObject(current); depth++) {
    yield current
    const { cause, parent } = current as { cause?: unknown; parent?: unknown }
    current = cause ?? parent
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
