import { locationOf } from '../facts/text.js'
import { analysisOf, type Files } from './program.js'

/** Lines of a program on which sinks begin, as `file:line library`; and those marked `// @sink library`. */
export function sinkLines(files: Files | string): {
  readonly found: readonly string[]
  readonly marked: readonly string[]
} {
  const texts: Files = typeof files === 'string' ? { 'src/app.ts': files } : files
  const analysis = analysisOf(texts)
  const found = analysis.calls.flatMap(({ file, expr, sink }) => {
    if (!sink || sink.spec.onlyInScope === true) return []
    const { lineStarts, exprs } = analysis.resolver.program.facts(file)
    const { line } = locationOf(lineStarts, exprs[expr]?.start ?? 0)
    return [`${file}:${line} ${sink.library.name}`]
  })
  const marked = Object.entries(texts).flatMap(([file, text]) =>
    text.split('\n').flatMap((each, index) => {
      const libraries = /\/\/ @sink (.+)$/.exec(each)?.[1]?.split(' ') ?? []
      return libraries.map((library) => `${file}:${index + 1} ${library}`)
    }),
  )
  return { found: found.toSorted(), marked: marked.toSorted() }
}
