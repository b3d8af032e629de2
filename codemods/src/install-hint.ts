import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { StepId } from '@ctx-fix/core'
import type { ProgramPlan } from './passes/6-plan-steps.js'

const runtime = '@ctx-fix/runtime'

/** How to install what the edits import, where the project has not. */
export function installHint(plan: ProgramPlan, kept: ReadonlySet<StepId>): string | undefined {
  const need = plan.steps
    .filter((each) => kept.has(each.id))
    .flatMap((each) => each.imports)
    .find((each) => each.module.startsWith(runtime))
  if (!need || isDeclared(need.file)) return undefined
  // Found by way of a folder above, it is there today and gone with the next installation.
  const state = isInstalled(need.file) ? 'is no dependency of the project' : 'is not installed yet'
  return `The edits import ${runtime}, which ${state}: ${installCommand(need.file)}`
}

function isInstalled(file: string): boolean {
  const paths = createRequire(file).resolve.paths(runtime) ?? []
  return paths.some((each) => existsSync(join(each, runtime, 'package.json')))
}

/** Listed by the nearest package.json. */
function isDeclared(file: string): boolean {
  for (const folder of ancestors(file)) {
    const manifest = join(folder, 'package.json')
    if (!existsSync(manifest)) continue
    try {
      const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
        dependencies?: Readonly<Record<string, string>>
      }
      return dependencies?.[runtime] !== undefined
    } catch {
      return false
    }
  }
  return false
}

const lockFiles = [
  ['pnpm-lock.yaml', 'pnpm add'],
  ['yarn.lock', 'yarn add'],
  ['bun.lock', 'bun add'],
  ['bun.lockb', 'bun add'],
  ['package-lock.json', 'npm install'],
] as const

function installCommand(file: string): string {
  const folders = ancestors(file)
  const holder = folders.find((each) => existsSync(join(each, 'package.json')))
  for (const folder of folders)
    for (const [lock, command] of lockFiles)
      if (existsSync(join(folder, lock))) {
        // The lock file of a monorepo lies above the package that needs the runtime.
        const where = holder === undefined || holder === folder ? '' : ` (in ${holder})`
        return `${command} ${runtime}${where}`
      }
  return `npm install ${runtime}`
}

function ancestors(file: string): string[] {
  const folder = dirname(file)
  return folder === file ? [] : [folder, ...ancestors(folder)]
}
