// The calls that a list of bench/recall names, and those of them that a report of the command has.
import { join, relative } from 'node:path'

/** The sinks of a report that lie where the list counted, by their path in the checkout. */
export function listedSinks(report, list, checkout, project) {
  const isListed = (file) => list.under.some((each) => file === each || file.startsWith(`${each}/`))
  const isLeftOut =
    list.except === undefined ? () => false : (file) => new RegExp(list.except).test(file)
  const libraries = new Set(list.sinks.map((each) => each.library))
  return report.sinks
    .map((each) => ({ ...each, file: relative(checkout, join(project, each.file)) }))
    .map((each) => ({ ...each, file: each.file.replaceAll('\\', '/') }))
    .filter((each) => libraries.has(each.library) && isListed(each.file) && !isLeftOut(each.file))
}

/** What is in `left` without a counterpart in `right`: several of one key count each. */
export function without(
  left,
  right,
  keyOf = ({ file, line, library }) => `${file}:${line} ${library}`,
) {
  const counts = new Map()
  for (const each of right) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1)
  return left.filter((each) => {
    const count = counts.get(keyOf(each)) ?? 0
    counts.set(keyOf(each), count - 1)
    return count <= 0
  })
}
