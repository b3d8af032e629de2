import type { Shape } from '../syntax/shape.js'
import type { Builder } from './builder.js'

/** Decorators stand on many kinds of node; the shapes name them only where they are usual. */
export function decoratorsOf<N>(shape: Shape<N>): readonly N[] {
  return 'decorators' in shape ? (shape.decorators ?? []) : []
}

/** To some parsers the decorators of some parameters are parts of these (oxc: `@Query() id?: string`). */
export function startBehind<N>(b: Builder<N>, decorators: readonly N[], node: N): number {
  const start = b.syntax.start(node)
  const end = Math.max(0, ...decorators.map((each) => b.syntax.end(each)))
  if (end <= start) return start
  const space = /(?:\s|\/\*[^]*?\*\/|\/\/.*)*/y
  space.lastIndex = end
  return end + (space.exec(b.text)?.[0].length ?? 0)
}
