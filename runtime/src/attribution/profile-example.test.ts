import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const runtime = fileURLToPath(new URL('../..', import.meta.url))

interface Profile {
  readonly nodes: { readonly callFrame: { readonly functionName: string } }[]
  readonly startTime: number
  readonly endTime: number
}

/** The example of the README, with a shorter memory. */
function example(seconds: number): string {
  const readme = readFileSync(join(runtime, 'README.md'), 'utf8')
  const code = /A CPU profile of what ran before[^`]*```js\n(.*?)```/s.exec(readme)?.[1] ?? ''
  expect(code).toContain('const SECONDS = 10')
  return code.replace('const SECONDS = 10', `const SECONDS = ${seconds}`)
}

// Of the package as it is built: needs `npm run build`, which `npm test` does first.
it("the README's example writes down the last seconds before a deadline, once for many deadlines", () => {
  const folder = mkdtempSync(join(tmpdir(), 'ctx-fix-profile-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  const script = `${example(0.5)}
    import { deriveSignal } from '@ctx-fix/runtime'
    import { setTimeout as sleep } from 'node:timers/promises'
    process.chdir(process.argv[1])
    const burn = (ms) => { for (const end = performance.now() + ms; performance.now() < end;); }
    function longAgo() { burn(100) }
    function justBefore() { burn(100) }
    longAgo()
    await sleep(2_000)
    for (let n = 0; n < 5; n++) deriveSignal(null, { timeoutMs: 50 })
    justBefore()
    await sleep(500)`
  const args = ['--input-type=module', '-e', script, folder]
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: runtime,
    encoding: 'utf8',
    timeout: 40_000,
  })
  expect({ status, stderr }).toMatchObject({ status: 0 })
  const profiles = readdirSync(folder).map(
    (file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile,
  )
  expect(profiles).toHaveLength(2)
  const names = profiles.flatMap(({ nodes }) =>
    nodes.map(({ callFrame }) => callFrame.functionName),
  )
  expect(names).toContain('justBefore')
  expect(names).not.toContain('longAgo')
  // Timers are late on a busy machine; without an end the two would hold more than two seconds.
  for (const { startTime, endTime } of profiles)
    expect((endTime - startTime) / 1e6).toBeLessThan(1.5)
})
