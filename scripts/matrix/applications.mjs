import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url))

/** What every database of a run is filled with. */
export const schema = readFileSync(join(fixtures, 'schema.sql'), 'utf8')

const get = { method: 'GET', path: '/products/1', contains: 'Assam' }
const post = {
  method: 'POST',
  path: '/orders',
  body: { customer: 'Ada', lines: [{ productId: 2, quantity: 1 }] },
}

/**
 * The applications of fixtures/libraries and fixtures/frameworks (fixtures/README.md says what they offer).
 *
 * @returns {{ name: string, folder: string, sources: string[], library: string, versions: string[],
 *   servers: Record<string, string[]>, get: object, post: object, node: string | undefined, copied: boolean }[]}
 */
export function readApplications() {
  return ['libraries', 'frameworks'].flatMap((kind) =>
    list(join(fixtures, kind)).map((name) => {
      const folder = join(fixtures, kind, name)
      const own = read(join(folder, 'matrix.json'))
      const { servers, versions, http2, node, copied = false } = own
      return {
        name,
        folder,
        sources: sourcesOf(folder),
        servers,
        versions,
        node,
        copied,
        library: own.library ?? (kind === 'libraries' ? name : 'pg'),
        get: { ...get, ...own.get, http2 },
        post: { ...post, ...own.post, http2 },
      }
    }),
  )
}

/** The part `1/3` of the applications: every third, so that the large ones of a kind are spread. */
export function partOf(applications, part) {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(part) ?? []
  if (!index || Number(index) > Number(count)) throw new Error(`--part takes 1/3, not ${part}`)
  return applications.filter((_, at) => at % Number(count) === Number(index) - 1)
}

/** The folder, behind those that it builds upon. */
function sourcesOf(folder) {
  const file = join(folder, 'matrix.json')
  const { base } = existsSync(file) ? read(file) : {}
  return base === undefined ? [folder] : [...sourcesOf(join(folder, base)), folder]
}

function list(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'matrix.json')))
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
