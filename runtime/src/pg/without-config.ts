const PLAIN_KEYS: ReadonlySet<string> = new Set(['text', 'values', 'signal'])

/**
 * The arguments of `query({ text, values, signal }, …)` as those of `query(text, values, …)`: the signal is
 * nothing to pg, which would copy the object property by property, at a higher price than all that is done for
 * the signal. Calls with anything else in the object are left as they are.
 */
export function withoutConfig(args: unknown[]): unknown[] {
  const config = args[0]
  if (!isPlainConfig(config)) return args
  const { text, values } = config
  const [, second, third] = args
  // As pg reads them: a callback may stand in the place of the values.
  if (typeof second === 'function') return [text, values, third || second]
  return [text, second || values, third]
}

function isPlainConfig(config: unknown): config is { text: string; values?: unknown } {
  if (typeof config !== 'object' || config === null) return false
  if (Object.getPrototypeOf(config) !== Object.prototype) return false
  const { text, values } = config as { text?: unknown; values?: unknown }
  if (typeof text !== 'string' || typeof values === 'function') return false
  // Quicker by far than `Reflect.ownKeys`, and symbols are nothing to pg.
  for (const key of Object.getOwnPropertyNames(config)) if (!PLAIN_KEYS.has(key)) return false
  return true
}
