import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a package's users would see that they should not, or not find that they should. */
export function findFaults(folder, files) {
  const shipped = new Set(files)
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return [
    ...['README.md', 'LICENSE'].filter((file) => !shipped.has(file)).map((file) => `no ${file}`),
    ...['description', 'license', 'engines', 'files'].flatMap((key) =>
      manifest[key] === undefined ? [`no "${key}" in package.json`] : [],
    ),
    ...files.filter(isOurs).map((file) => `ships ${file}`),
    ...files.flatMap((file) => findLostSources(folder, file, shipped)),
    ...[...findTargets(manifest)]
      .filter(
        (target) => !isShipped(target, files) && !existsSync(join(folder, target, 'package.json')),
      )
      .map((target) => `package.json leads to ${target}, which is not shipped`),
  ]
}

/** A file, or a pattern with one `*` that some file fits: https://nodejs.org/api/packages.html#subpath-patterns */
function isShipped(target, files) {
  const [start, end] = target.split('*')
  if (end === undefined) return files.includes(target)
  return files.some((file) => file.startsWith(start) && file.endsWith(end))
}

function isOurs(file) {
  return /\.test\.|\.tsbuildinfo$|(^|\/)(testing|test-support)\/|^tsconfig|\.tgz$/.test(file)
}

/** A map whose source is not there makes debuggers and bundlers complain. */
function findLostSources(folder, file, shipped) {
  if (!file.endsWith('.map')) return []
  const { sources } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  return sources
    .map((source) => join(dirname(file), source))
    .filter((source) => !shipped.has(source))
    .map((source) => `${file} leads to ${source}, which is not shipped`)
}

function* findTargets({ exports, bin, main, types, typesVersions }) {
  for (const value of [exports, bin, main, types, typesVersions]) yield* findPaths(value)
}

function* findPaths(value) {
  if (typeof value === 'string') yield join(value)
  else for (const member of Object.values(value ?? {})) yield* findPaths(member)
}
