import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const jscodeshift = createRequire(import.meta.url).resolve('jscodeshift/bin/jscodeshift.js')
/** Needs `npm run build`: these are the files that users name. */
export const transforms = fileURLToPath(new URL('../../jscodeshift', import.meta.url))

/** The real command line of jscodeshift, with one of our transforms. */
export async function shiftBy(
  name: string,
  root: string,
  ...args: readonly string[]
): Promise<{ stdout: string; stderr: string }> {
  const transform = join(transforms, `${name}.cjs`)
  const child = spawn(process.execPath, [jscodeshift, '-t', transform, ...args], {
    cwd: root,
    // Where CI is set it colours what it counts.
    env: { ...process.env, NO_COLOR: '1' },
  })
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { stdout, stderr }
}
