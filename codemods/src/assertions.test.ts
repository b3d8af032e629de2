import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixProject } from './project.js'
import { ESM, lines, sampleProject, tsconfig } from './testing/sample-project.js'

const REPO = lines(
  `import { Pool } from 'pg'`,
  `export const pool = new Pool()`,
  `export class Repo {`,
  `  async find(id: string) {`,
  `    return (await pool.query('SELECT $1', [id])).rows`,
  `  }`,
  `}`,
)
const APP = lines(
  `import express from 'express'`,
  `import { Repo } from './repo.js'`,
  `export const repo = new Repo()`,
  `export const app = express()`,
  `app.get('/:id', async (req, res) => {`,
  `  res.json(await repo.find(req.params.id))`,
  `})`,
)
const TEST = lines(
  `import { repo } from './app.js'`,
  `declare function expect(value: unknown): any`,
  `expect(repo.find).toHaveBeenCalledWith('1')`,
  `expect(repo.find).not.toHaveBeenCalledWith(`,
  `  '2',`,
  `)`,
  `expect(repo.find).toHaveBeenCalledTimes(1)`,
)

async function fixed(files: Readonly<Record<string, string>>, updateTests: boolean) {
  const { root } = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig({ skipLibCheck: true }),
    ...files,
  })
  const paths = Object.keys(files).map((each) => join(root, each))
  const project = {
    root,
    files: paths,
    report: paths,
    tsconfig: join(root, 'tsconfig.json'),
    config: {},
  }
  const result = await fixProject(project, { verify: true, updateTests })
  const write = await result.prepareWrite()
  await write()
  return {
    notices: result.report.notices.filter(({ code }) => code === 'asserted-arguments'),
    test: readFileSync(join(root, 'src/app.test.ts'), 'utf8'),
  }
}

const files = { 'src/repo.ts': REPO, 'src/app.ts': APP, 'src/app.test.ts': TEST }

describe('assertions on the exact arguments of what gets a signal', () => {
  it('are named, with the way out', async () => {
    const { notices, test } = await fixed(files, false)
    expect(notices.map(({ message }) => message)).toEqual([
      expect.stringMatching(/app\.test\.ts:3 asserts the exact arguments of find/),
      expect.stringMatching(/app\.test\.ts:4 asserts the exact arguments of find/),
      expect.stringMatching(/^2 assertions .*--update-tests/),
    ])
    expect(test).toBe(TEST)
  })

  it('take a signal with updateTests', async () => {
    const { notices, test } = await fixed(files, true)
    expect(notices).toEqual([])
    expect(test).toContain(`import { anySignal } from '@ctx-fix/runtime/assert'`)
    expect(test).toContain(`expect(repo.find).toHaveBeenCalledWith('1', anySignal)`)
    expect(test).toContain(`toHaveBeenCalledWith(\n  '2',\n  anySignal,\n)`)
  })

  it('are left where another function of the name stays as it was', async () => {
    const other = lines(`export class Cache {`, `  find(id: string) {`, `    return id`, `  }`, `}`)
    const { test } = await fixed({ ...files, 'src/cache.ts': other }, true)
    expect(test).toBe(TEST)
  })
})
