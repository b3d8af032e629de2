import { entityOf } from '../catalog/index.js'
import type { Value } from '../resolve/values.js'

export interface RequestSpec {
  readonly module: string
  readonly native: string | undefined
  readonly behind: string | undefined
}

export function requestOf(values: readonly Value[]): RequestSpec | undefined {
  for (const value of values) {
    if (value.k !== 'lib') continue
    const request = entityOf(value.lib, value.entity)?.request
    if (request) {
      const { module, native, behind } = request
      return { module, native, behind }
    }
  }
  return undefined
}
