import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  existsSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { ESLint } from 'eslint'
import { afterEach, expect, test } from 'vitest'
import { createEslint, isOurs } from './eslint.js'
import { createFolder, packages, type Folder } from './scenario.js'
import { fixtures } from './situations.js'

const situations = join(fixtures, 'workspaces')

const hosts = readdirSync(situations).flatMap((name) => [
  [name, 'typed', true] as const,
  [name, 'untyped', false] as const,
])

let folder: Folder | undefined
afterEach(() => folder?.remove())

/** A workspace after the rewrite, but for files that are as they were before; its packages linked as npm links them. */
function workspace(name: string, isOld: (file: string) => boolean): string {
  folder = createFolder({})
  const { root } = folder
  rmSync(join(root, 'node_modules'))
  const filter = (from: string) => !/[/\\](?:node_modules|dist)$|\.tsbuildinfo$/.test(from)
  cpSync(join(situations, name, 'before'), root, { recursive: true, filter })
  const rewritten = join(situations, name, 'after')
  for (const file of filesIn(rewritten))
    if (!isOld(file)) cpSync(join(rewritten, file), join(root, file))
  mkdirSync(join(root, 'node_modules'))
  for (const each of readdirSync(packages))
    if (!each.startsWith('.')) symlinkSync(join(packages, each), join(root, 'node_modules', each))
  for (const file of filesIn(root).filter((each) => each.endsWith('package.json'))) {
    const own = JSON.parse(readFileSync(join(root, file), 'utf8')) as { name?: string }
    const place = join(root, 'node_modules', own.name ?? '')
    if (own.name === undefined || dirname(file) === '.' || existsSync(place)) continue
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(join(root, dirname(file)), place)
  }
  return root
}

function filesIn(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(?:ts|json)$/.test(file) && !file.startsWith('node_modules'),
  )
}

async function reported(root: string, isTyped: boolean, fix: boolean): Promise<readonly string[]> {
  const results = await createEslint(root, { isTyped, fix }).lintFiles(['**/*.ts'])
  await ESLint.outputFixes(results)
  return results.flatMap(({ messages }) =>
    messages.filter(isOurs).map(({ ruleId, message }) => `${ruleId} ${message}`),
  )
}

test.each(hosts)(
  '%s, %s: has nothing to say of what the command has written',
  async (name, _, isTyped) => {
    expect(
      await reported(
        workspace(name, () => false),
        isTyped,
        false,
      ),
    ).toEqual([])
  },
)

/** Calls of another package are followed by paths; by the name of a package the command follows them. */
const isFollowed = (name: string) => name === 'path-aliases'

test.each(hosts)(
  '%s, %s: what it passes to another package comes out as the command writes it',
  async (name, _, isTyped) => {
    const isOld = (file: string) => file.endsWith('app.ts')
    const root = workspace(name, isOld)
    const [app = ''] = filesIn(root).filter(isOld)
    expect(await reported(root, isTyped, true)).toEqual([])
    expect(readFileSync(join(root, app), 'utf8')).toBe(
      readFileSync(join(situations, name, isFollowed(name) ? 'after' : 'before', app), 'utf8'),
    )
  },
)
