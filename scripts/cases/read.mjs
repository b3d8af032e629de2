import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

/**
 * @typedef {object} CaseFile
 * @property {string} name
 * @property {string} text what the linter sees: without `@report` and `@also`
 * @property {Set<number>} expected lines that must be reported
 * @property {Set<number>} allowed lines that may be reported
 * @property {string | undefined} fixed text after the fix
 *
 * @typedef {object} Case
 * @property {string} name
 * @property {string} tier
 * @property {CaseFile[]} files
 */

const mark = /[ \t]*\/\/ @(report|also)[ \t]*$/
const source = /\.[cm]?[jt]sx?$/

/** @param {string} folder @returns {Case[]} */
export function readCases(folder) {
  return readdirSync(folder)
    .sort()
    .flatMap((entry) => {
      const path = join(folder, entry)
      if (statSync(path).isDirectory())
        return [
          toCase(
            entry,
            readdirSync(path).map((each) => join(path, each)),
          ),
        ]
      if (!isInput(entry)) return []
      return [toCase(entry.replace(source, ''), [path, fixedName(path)])]
    })
    .filter((each) => each.files.length > 0)
}

const isInput = (name) => source.test(name) && !name.includes('.fixed.')
const fixedName = (path) => path.replace(source, (extension) => `.fixed${extension}`)

function toCase(name, paths) {
  const files = paths.filter((each) => isInput(basename(each))).map(readFile)
  return { name, tier: /tier: (\w+)/.exec(files[0]?.header ?? '')?.[1] ?? 'core', files }
}

function readFile(path) {
  const lines = readFileSync(path, 'utf8').split('\n')
  const marked = (word) =>
    new Set(lines.flatMap((line, index) => (mark.exec(line)?.[1] === word ? [index + 1] : [])))
  return {
    name: basename(path),
    header: lines.slice(0, 2).join('\n'),
    text: lines.map((line) => line.replace(mark, '')).join('\n'),
    expected: marked('report'),
    allowed: marked('also'),
    fixed: readIfThere(fixedName(path)),
  }
}

function readIfThere(path) {
  return statSync(path, { throwIfNoEntry: false }) ? readFileSync(path, 'utf8') : undefined
}
