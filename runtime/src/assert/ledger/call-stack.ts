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

/** `withSignal` and `detached`: a lazy builder given to them is run by them, when whoever made it is gone. */
const WRAPPER = /[\\/]runtime[\\/](?:cjs[\\/])?(?:src|dist)[\\/]ambient\.[jt]s$/

/**
 * The stack of a call, read when somebody asks: capturing costs microseconds, formatting and mapping
 * to sources a hundred times that, and most queries are in order.
 */
export class CallStack {
  readonly #holder: { stack?: string } = {}
  #sites: readonly CallSite[] | undefined

  readonly #wrapped: CallStack | undefined

  /**
   * @param above the function that the user called: the stack starts at its caller.
   * @param wrapped the stack of the `withSignal` or `detached` around the call.
   */
  constructor(above: PatchedMethod, wrapped?: CallStack) {
    this.#wrapped = wrapped
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = FRAMES
    Error.captureStackTrace(this.#holder, above)
    Error.stackTraceLimit = limit
  }

  /** The frames in the user's code, from the statement outwards. */
  get sites(): readonly CallSite[] {
    this.#sites ??= this.#read()
    return this.#sites
  }

  #read(): readonly CallSite[] {
    const lines = ownLines(this.#holder)
    if (this.#wrapped === undefined) return parseStack(lines.join('\n'))
    const end = lines.findIndex((line) => WRAPPER.test(FRAME.exec(line)?.[2] ?? ''))
    const inside = parseStack(lines.slice(0, end === -1 ? undefined : end).join('\n'))
    // Where no frame shows the wrapper, the stack is broken off, or it is complete.
    return end === -1 && inside.length > 0 ? inside : [...inside, ...this.#wrapped.sites]
  }
}

interface StackWriter {
  prepareStackTrace?: (error: Error, frames: NodeJS.CallSite[]) => unknown
}

/**
 * The lines of a stack, without those of dependencies. Where Node or a test runner maps the places, what they say
 * is not enough to tell them: the map of a package may lead to sources that are not in its folder.
 */
function ownLines(holder: { readonly stack?: string }): string[] {
  const writer = Error as StackWriter
  const write = writer.prepareStackTrace
  let files: (string | null | undefined)[] = []
  // Where this is a context of its own, as in jest, the one around it writes the stack.
  if (write !== undefined) {
    writer.prepareStackTrace = (error, frames) => {
      files = frames.map((frame) => frame.getFileName())
      return write.call(Error, error, frames)
    }
  }
  try {
    // Only now is it written.
    const lines = String(holder.stack).split('\n')
    const header = lines.length - files.length
    return lines.filter((_, index) => {
      const file = files[index - header] ?? ''
      return !FOREIGN.test(file) || WRAPPER.test(file)
    })
  } finally {
    if (write !== undefined) writer.prepareStackTrace = write
  }
}

/** The frames of `stack` that are neither Node's nor a dependency's. */
export function parseStack(stack: string): CallSite[] {
  const sites: CallSite[] = []
  for (const line of stack.split('\n')) {
    const [, name = '', place, lineNumber, column] = FRAME.exec(line) ?? []
    if (place === undefined || FOREIGN.test(place) || WRAPPER.test(place)) continue
    const caller = name.replace(/^(?:async|new) /, '')
    const file = place.startsWith('file:') ? fileURLToPath(place) : place
    sites.push({
      ...sourceOf({ file, line: Number(lineNumber), column: Number(column) }),
      caller: caller === '<anonymous>' ? '' : caller,
    })
  }
  return sites
}
