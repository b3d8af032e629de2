import type { Binding } from '../facts/types.js'
import { freshness } from '../graph/freshness.js'
import type { CallNode } from '../graph/model.js'
import type { Resolver } from '../resolve/resolver.js'
import { isLibrary, isSignal } from '../resolve/values.js'

/**
 * Signals of a function's own, made before a call and handed to nobody: `const signal =
 * AbortSignal.timeout(ms)`, or that of a controller. Nearest first.
 */
export function freshSignals(r: Resolver, { file, fn, expr, site }: CallNode): readonly string[] {
  const { scopes, bindings } = r.program.facts(file)
  const { start } = r.program.expr(file, expr)
  const found: string[] = []
  for (let scope = scopes[site.scope]; scope?.fn === fn;) {
    for (const id of Object.values(scope.names)) {
      const binding = bindings[id]
      const signal = binding && isMadeBefore(r, file, binding, start) && signalOf(r, file, binding)
      if (signal) found.push(signal)
    }
    scope = scope.parent === undefined ? undefined : scopes[scope.parent]
  }
  return found
}

function isMadeBefore(r: Resolver, file: string, binding: Binding, position: number): boolean {
  if (binding.param || binding.import || binding.init === undefined) return false
  return r.program.expr(file, binding.init).end <= position && binding.path.length === 0
}

function signalOf(r: Resolver, file: string, binding: Binding): string | undefined {
  const values = r.binding(file, binding)
  if (values.some((each) => isLibrary(each, 'web', 'AbortController')))
    return `${binding.name}.signal`
  return values.some(isSignal) && freshness(r, file, binding) === 'unlinked'
    ? binding.name
    : undefined
}
