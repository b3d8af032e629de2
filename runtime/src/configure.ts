import { sharedState, type RuntimeDefaults } from './shared-state.js'

/**
 * Sets limits for the whole process; those left out keep their value.
 *
 * @throws {RangeError} for a value that is not a positive, finite number of milliseconds.
 */
export function configure(limits: Partial<RuntimeDefaults>): void {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in sharedState.defaults)) throw new RangeError(`unknown setting ${name}`)
    if (!Number.isFinite(value) || value <= 0) {
      throw new RangeError(
        `${name} must be a positive number of milliseconds, not ${String(value)}`,
      )
    }
  }
  Object.assign(sharedState.defaults, limits)
}
