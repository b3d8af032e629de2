import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { fixProject, type CtxFixConfig } from '../project.js'
import { ESM, sampleProject, tsconfig } from './sample-project.js'

/**
 * The texts of a project after the fix, verified, by their names. Nothing may be rolled back, and a second
 * run must leave it as it is.
 */
export async function fixedFiles(
  sources: Readonly<Record<string, string>>,
  propagation: CtxFixConfig['propagation'],
): Promise<Readonly<Record<string, string>>> {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig(
      { experimentalDecorators: true, skipLibCheck: true, jsx: 'preserve', allowJs: true },
      { include: ['.'] },
    ),
    ...sources,
  })
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => /\.[jt]sx?$/.test(name)).map((name) => join(root, name))
  const project = {
    root,
    files,
    report: files,
    tsconfig: join(root, 'tsconfig.json'),
    config: propagation === undefined ? {} : { propagation },
  }
  const first = await fixProject(project, { verify: true })
  expect(first.report.summary.rolledBack).toBe(0)
  const write = await first.prepareWrite()
  await write()
  const second = await fixProject(project, { verify: true })
  expect(second.changes).toEqual([])
  return Object.fromEntries(
    Object.keys(sources).map((name) => [name, readFileSync(join(root, name), 'utf8')]),
  )
}

/** The same of one file, `src/app.ts`. */
export async function fixed(
  app: string,
  propagation: CtxFixConfig['propagation'],
): Promise<string> {
  return (await fixedFiles({ 'src/app.ts': app }, propagation))['src/app.ts'] ?? ''
}
