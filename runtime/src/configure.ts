import { sharedState, type RuntimeDefaults } from './shared-state.js'

/**
 * Changes defaults for the whole process; those left out keep their value.
 *
 * @throws {RangeError} for a time that is not a positive, finite number of milliseconds.
 * @throws {TypeError} for a switch that is neither true nor false.
 */
export function configure(limits: Partial<RuntimeDefaults>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in sharedState.defaults)) throw new RangeError(`unknown setting ${name}`)
    if (name === 'proxyFence') {
      if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false`)
    } else if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0) {
      throw new RangeError(
        `${name} must be a positive number of milliseconds, not ${String(value)}`,
      )
    }
  }
  Object.assign(sharedState.defaults, limits)
}
