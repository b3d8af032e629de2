import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from '../processes.mjs'

const repository = fileURLToPath(new URL('../..', import.meta.url))
const caches = join(realpathSync(tmpdir()), 'ctx-fix-matrix')

/** `npm run` names the workspace's root to every npm below it. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) =>
      !/^npm_(package|lifecycle|config_local_prefix)|^(DATABASE_URL|PG[A-Z]+)$/.test(name),
  ),
)

/** Runs a command of the application's own as its author would, and fails where it fails. */
export async function npm(folder, args, env = {}) {
  const { code, output } = await npmOutcome(folder, args, env)
  if (code !== 0) throw new Error(`npm ${args.join(' ')}:\n${output}`)
  return output
}

/** The same, whatever comes of it. */
export function npmOutcome(folder, args, env = {}) {
  return runCommand('npm', args, { cwd: folder, env: { ...environment, ...env, NO_COLOR: '1' } })
}

/** Writes what is generated, as Prisma's client, which needs no engine of its own from version 7 on. */
export function generate(folder) {
  return npmOutcome(folder, ['run', 'generate', '--if-present'], {
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
  })
}

/** Packs the runtime as it would be published; gives the folder with what is in the package. */
export async function packRuntime(into) {
  await npm(repository, ['pack', '-w', '@ctx-fix/runtime', '--pack-destination', into])
  const tarball = readdirSync(into).find((file) => file.endsWith('.tgz'))
  const { code, output } = await runCommand('tar', ['-xzf', tarball], { cwd: into })
  if (code !== 0) throw new Error(output)
  return join(into, 'package')
}

/**
 * The packages that the application's lock file names, installed once for every content of that file.
 * Gives the folder `node_modules`.
 */
export async function installPackages(application) {
  const lock = readFileSync(join(application.folder, 'package-lock.json'))
  const key = createHash('sha256').update(lock).update(process.version).digest('hex').slice(0, 16)
  const folder = join(caches, `${application.name}-${key}`)
  if (!existsSync(folder)) {
    mkdirSync(caches, { recursive: true })
    const unfinished = mkdtempSync(join(caches, 'installing-'))
    for (const file of ['package.json', 'package-lock.json', '.npmrc'])
      cpSync(join(application.folder, file), join(unfinished, file))
    // Some libraries declare a newer Node than they need; `node` in matrix.json says what they need.
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', '--force']
    await npm(unfinished, ['ci', ...flags])
    try {
      renameSync(unfinished, folder)
    } catch {
      // Another run was faster.
      rmSync(unfinished, { recursive: true })
    }
  }
  return join(folder, 'node_modules')
}

/**
 * Makes `folder` a copy of the given folders, the later over the earlier, with packages to run on: those
 * installed, by links (or copied, as Turbopack refuses links that lead out of the project), and the
 * runtime itself, which has to find the application's own `pg` and not ours.
 */
export function copyApplication(sources, folder, { packages, runtime, copied }) {
  const isLeftOut = new Set(['node_modules', 'dist'])
  const filter = (path) => !isLeftOut.has(basename(path))
  for (const source of sources) cpSync(source, folder, { recursive: true, filter })
  const modules = join(folder, 'node_modules')
  mkdirSync(modules)
  for (const name of readdirSync(packages)) {
    const [from, to] = [join(packages, name), join(modules, name)]
    if (copied) cpSync(from, to, { recursive: true, verbatimSymlinks: true })
    else symlinkSync(from, to)
  }
  cpSync(runtime, join(modules, '@ctx-fix/runtime'), { recursive: true })
}

/** The installed versions of what the application names. */
export function installedVersions({ versions }, packages) {
  return versions.map((name) => {
    const { version } = JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
    return `${name} ${version}`
  })
}
