import { readFileSync } from 'node:fs'
import * as nodeModule from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place in a file; lines and columns count from 1. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

const COMPILED = /\.[cm]?js$/
const REFERENCE = /\/\/[#@] sourceMappingURL=(\S+)\s*$/
const INLINE = /^data:application\/json[^,]*;base64,(.*)$/

const maps = new Map<string, nodeModule.SourceMap | undefined>()

/**
 * The place in the source that `place` was compiled from; `place` itself where no map tells. Node maps stacks
 * itself where that was switched on before a file was loaded, which an import in a test file is too late for.
 */
export function sourceOf(place: Place): Place {
  const { file, line, column } = place
  if (!COMPILED.test(file)) return place
  const entry = mapOf(file)?.findEntry(line - 1, column - 1)
  if (entry === undefined || !('originalSource' in entry)) return place
  const { originalSource, originalLine, originalColumn } = entry
  return {
    file: pathOf(originalSource, file),
    line: originalLine + 1,
    column: originalColumn + 1,
  }
}

function mapOf(file: string): nodeModule.SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file))
  return maps.get(file)
}

/** Without a map, or with one that cannot be read, the compiled place has to do. */
function readMap(file: string): nodeModule.SourceMap | undefined {
  // Test runners with a module system of their own need not have it.
  const { SourceMap } = nodeModule as Partial<typeof nodeModule>
  if (SourceMap === undefined) return undefined
  try {
    const [, reference = ''] = REFERENCE.exec(readFileSync(file, 'utf8')) ?? []
    if (reference === '') return undefined
    const [, inline] = INLINE.exec(reference) ?? []
    const text =
      inline === undefined
        ? readFileSync(resolve(dirname(file), decodeURI(reference)), 'utf8')
        : Buffer.from(inline, 'base64').toString('utf8')
    const payload = JSON.parse(text) as nodeModule.SourceMapPayload
    // https://tc39.es/ecma426/#json-sourceRoot: Node's own reader leaves it out.
    const root = payload.sourceRoot ? payload.sourceRoot.replace(/\/?$/, '/') : ''
    const sources = payload.sources.map((each) => root + each)
    return new SourceMap({ ...payload, sources })
  } catch {
    return undefined
  }
}

function pathOf(source: string, file: string): string {
  return source.startsWith('file:') ? fileURLToPath(source) : resolve(dirname(file), source)
}
