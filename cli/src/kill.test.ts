import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bin } from './testing/bin.js'
import { sampleApp } from './testing/sample-app.js'
import { createRepository, type Workspace } from './testing/workspace.js'

/** `KILLS=200` for more of them. */
const kills = Number(process.env['KILLS'] ?? 10)
const services = 12

/** Long, so that a file which is written in its place would be found cut off. */
const padding = `/*${'x'.repeat(1_000_000)}*/\n`

/** Handlers over services over a pool: each file changes, and leans on others that do. */
function program(): Readonly<Record<string, string>> {
  const files: Record<string, string> = { ...sampleApp }
  for (let index = 0; index < services; index++) {
    const callee = index === 0 ? 'users' : `service${index - 1}`
    files[`src/service${index}.ts`] = `import { findUser } from './${callee}.js'

const load = (id: string) => findUser(id)

export { load as findUser }
${padding}`
  }
  files['src/app.ts'] =
    sampleApp['src/app.ts']?.replace('users.js', `service${services - 1}.js`) ?? ''
  return files
}

const isTemporary = (name: string) => name.includes('.ctx-fix-')

/**
 * Runs the command and kills it: at any moment, or once it has begun to write. Gives whether it came to its end
 * all the same, and how long it wrote.
 */
async function killed(
  root: string,
  from: 'start' | 'writing',
  delayMs: number,
): Promise<{ readonly isDone: boolean; readonly wroteMs: number }> {
  const child = spawn(process.execPath, [bin, '--no-verify', 'src'], { cwd: root, stdio: 'ignore' })
  const exit = once(child, 'exit') as Promise<[number | null]>
  let since = performance.now()
  if (from === 'writing') {
    const stop = new AbortController()
    const watcher = watch(join(root, 'src'), { signal: stop.signal })
    const begun = new Promise<void>((resolve) => {
      watcher.on('change', (_event, name) => {
        if (isTemporary(String(name))) resolve()
      })
    })
    await Promise.race([begun, exit])
    since = performance.now()
    stop.abort()
  }
  await Promise.race([sleep(delayMs), exit])
  child.kill('SIGKILL')
  const [code] = await exit
  return { isDone: code !== null, wroteMs: performance.now() - since }
}

function textsOf({ root, read }: Workspace): Readonly<Record<string, string>> {
  const names = readdirSync(join(root, 'src')).filter((name) => !isTemporary(name))
  return Object.fromEntries(names.map((name) => [name, read(`src/${name}`)]))
}

test(
  'killed at any moment, the command leaves each file old or new, and the next run ends it',
  {
    timeout: 60_000 + kills * 5_000,
  },
  async () => {
    const old = program()
    const workspace = createRepository(old)
    const { root, git } = workspace
    const before = textsOf(workspace)
    const { wroteMs } = await killed(root, 'writing', 60_000)
    const after = textsOf(workspace)
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toHaveLength(
      services + 3,
    )
    git('checkout', '.')

    let whileWriting = 0
    let isEnded = false
    for (let round = 0; round < kills || !isEnded; round++) {
      // The last runs to its end, whatever those before it have left.
      const isLast = round >= kills
      const from = round % 5 === 4 ? 'start' : 'writing'
      const within = from === 'start' ? 1_500 : wroteMs
      const { isDone } = await killed(root, from, isLast ? 60_000 : Math.random() * within)
      const now = textsOf(workspace)
      expect(Object.keys(now)).toEqual(Object.keys(before))
      for (const [name, text] of Object.entries(now))
        expect([before[name], after[name]].indexOf(text), name).not.toBe(-1)
      if (from === 'writing' && !isDone) whileWriting++
      isEnded = isDone
      if (!isDone) continue
      for (const [name, text] of Object.entries(now))
        expect(text.replace(padding, ''), name).toBe(after[name]?.replace(padding, ''))
      expect(readdirSync(join(root, 'src')).filter(isTemporary)).toEqual([])
      git('checkout', '.')
    }
    expect(whileWriting).toBeGreaterThan(0)
  },
)
