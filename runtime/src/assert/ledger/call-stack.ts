import { fileURLToPath } from 'node:url'
import type { PatchedMethod } from '../../pg/statement-tap.js'
import { sourceOf, type Place } from './source-map.js'

/** A place in the user's code, in the source where a map leads there. */
export interface CallSite extends Place {
  /** Name of the function around it; empty at the top of a module. */
  readonly caller: string
}

// The way from an ORM's own frames up to the user's is long.
const FRAMES = 60
const FRAME = /^\s+at (?:(.*?) \()?(?:async )?(.+?):(\d+):(\d+)\)?$/
const FOREIGN = /[\\/]node_modules[\\/]|^node:|^internal[\\/]|<anonymous>/

/**
 * The stack of a call, read when somebody asks: capturing costs microseconds, formatting and mapping
 * to sources a hundred times that, and most queries are in order.
 */
export class CallStack {
  readonly #holder: { stack?: string } = {}
  #sites: readonly CallSite[] | undefined

  /** @param above the function that the user called: the stack starts at its caller. */
  constructor(above: PatchedMethod) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = FRAMES
    Error.captureStackTrace(this.#holder, above)
    Error.stackTraceLimit = limit
  }

  /** The frames in the user's code, from the statement outwards. */
  get sites(): readonly CallSite[] {
    this.#sites ??= parseStack(this.#holder.stack ?? '')
    return this.#sites
  }
}

/** The frames of `stack` that are neither Node's nor a dependency's. */
export function parseStack(stack: string): CallSite[] {
  const sites: CallSite[] = []
  for (const line of stack.split('\n')) {
    const [, name = '', place, lineNumber, column] = FRAME.exec(line) ?? []
    if (place === undefined || FOREIGN.test(place)) continue
    const caller = name.replace(/^(?:async|new) /, '')
    const file = place.startsWith('file:') ? fileURLToPath(place) : place
    sites.push({
      ...sourceOf({ file, line: Number(lineNumber), column: Number(column) }),
      caller: caller === '<anonymous>' ? '' : caller,
    })
  }
  return sites
}
