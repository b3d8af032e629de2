import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fixProject } from '../project.js'
import { ESM, lines, sampleProject, tsconfig } from '../testing/sample-project.js'

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

const ANY_SIGNAL = `import { anySignal } from '@ctx-fix/runtime/assert'`
/** Met by the new calls too. */
const same = Symbol('same')
/** Not met any more, and for a person to decide. */
const listedOnly = Symbol('listed')
type Row = readonly [before: string, after: string | typeof same | typeof listedOnly]

const given = (line: string): Row => [line, same]
const common = [
  given(`import { repo } from './app.js'`),
  given(`declare function expect(value: unknown): any`),
]

/** Lines of a test, and what is to become of each. */
const dialects: Readonly<Record<string, readonly Row[]>> = {
  'Vitest or Jest': [
    ...common,
    given(`declare const vi: any`),
    given(`const spy = vi.spyOn(repo, 'find').mockResolvedValue([])`),
    given(`const findMock = vi.fn()`),
    given(`export const fake = { find: findMock }`),
    [`expect(spy).toHaveBeenCalledWith('1')`, `expect(spy).toHaveBeenCalledWith('1', anySignal)`],
    [
      `expect(findMock).toHaveBeenLastCalledWith('1')`,
      `expect(findMock).toHaveBeenLastCalledWith('1', anySignal)`,
    ],
    [
      `expect(vi.mocked(repo.find)).toHaveBeenNthCalledWith(1, '1')`,
      `expect(vi.mocked(repo.find)).toHaveBeenNthCalledWith(1, '1', anySignal)`,
    ],
    [
      `expect(spy.mock.calls).toEqual([['1'], ['2']])`,
      `expect(spy.mock.calls.map((call: unknown[]) => call.slice(0, 1))).toEqual([['1'], ['2']])`,
    ],
    [
      `expect((repo.find as any).mock.calls[0]).toStrictEqual(['1'])`,
      `expect((repo.find as any).mock.calls[0]).toStrictEqual(['1', anySignal])`,
    ],
    [
      `expect(spy.mock.lastCall).toEqual(['1'])`,
      `expect(spy.mock.lastCall?.slice(0, 1)).toEqual(['1'])`,
    ],
    [
      `expect(spy.mock.calls).toContainEqual(['1'])`,
      `expect(spy.mock.calls.map((call: unknown[]) => call.slice(0, 1))).toContainEqual(['1'])`,
    ],
    [
      `expect(spy).to.have.been.calledWith('1')`,
      `expect(spy).to.have.been.calledWith('1', anySignal)`,
    ],
    [`expect(spy.mock.calls).toMatchSnapshot()`, listedOnly],
    [`expect(spy.mock.calls[0]).toHaveLength(1)`, listedOnly],
    [`expect(spy.mock.calls[0].length).toBe(1)`, listedOnly],
    [`expect(spy.mock.calls.flat()).toEqual(['1'])`, listedOnly],
    [`expect(spy.mock.calls).toEqual([['1'], []])`, listedOnly],
    given(`const { calls } = spy.mock`),
    [`expect(calls[0]).toHaveLength(1)`, listedOnly],
    given(`expect(calls.length).toBe(1)`),
    [`expect(spy).toHaveBeenCalledWith(...['1'])`, listedOnly],
    given(`expect(spy.mock.calls).toHaveLength(1)`),
    given(`expect(spy.mock.calls[0][0]).toEqual('1')`),
    given(`expect(vi.fn()).toHaveBeenCalledWith('1')`),
  ],
  'jest-when': [
    ...common,
    given(`declare function when(value: unknown): any`),
    [
      `when(repo.find).calledWith('1').mockResolvedValue([])`,
      `when(repo.find).calledWith('1', anySignal).mockResolvedValue([])`,
    ],
  ],
  Sinon: [
    given(`import { repo } from './app.js'`),
    given(`// @ts-expect-error -- it is not installed here`),
    given(`import sinon from 'sinon'`),
    given(`declare function expect(value: unknown): any`),
    given(`const stub = sinon.stub(repo, 'find')`),
    [
      `sinon.assert.calledWithExactly(repo.find, '1')`,
      `sinon.assert.calledWithExactly(repo.find, '1', sinon.match.any)`,
    ],
    [
      `sinon.assert.calledOnceWithExactly(stub, '1')`,
      `sinon.assert.calledOnceWithExactly(stub, '1', sinon.match.any)`,
    ],
    [
      `expect(stub.calledWithExactly('1')).toBe(true)`,
      `expect(stub.calledWithExactly('1', sinon.match.any)).toBe(true)`,
    ],
    [
      `expect(stub).to.have.been.calledWithExactly('1')`,
      `expect(stub).to.have.been.calledWithExactly('1', sinon.match.any)`,
    ],
    [
      `expect(stub.firstCall.args).to.deep.equal(['1'])`,
      `expect(stub.firstCall.args.slice(0, 1)).to.deep.equal(['1'])`,
    ],
    [
      `expect(stub.getCall(0).args).to.eql(['1'])`,
      `expect(stub.getCall(0).args.slice(0, 1)).to.eql(['1'])`,
    ],
    [
      `expect(stub.args).to.deep.equal([['1']])`,
      `expect(stub.args.map((call: unknown[]) => call.slice(0, 1))).to.deep.equal([['1']])`,
    ],
    // Sinon asks for the arguments that are named, and lets others follow.
    given(`sinon.assert.calledWith(repo.find, '1')`),
    given(`expect(stub).to.have.been.calledWith('1')`),
    given(`stub.withArgs('1').resolves([])`),
  ],
  'node:test': [
    given(`import assert from 'node:assert/strict'`),
    given(`import { mock } from 'node:test'`),
    given(`import { repo } from './app.js'`),
    given(`const find = mock.method(repo, 'find')`),
    [
      `assert.deepEqual(find.mock.calls[0]?.arguments, ['1'])`,
      `assert.deepEqual(find.mock.calls[0]?.arguments.slice(0, 1), ['1'])`,
    ],
    given(`const [call] = find.mock.calls`),
    [
      `assert.deepStrictEqual(call?.arguments, ['1'])`,
      `assert.deepStrictEqual(call?.arguments.slice(0, 1), ['1'])`,
    ],
    [
      `assert.deepEqual(find.mock.calls.map((each) => each.arguments), [['1']])`,
      `assert.deepEqual(find.mock.calls.map((each) => each.arguments).map((call: unknown[]) => call.slice(0, 1)), [['1']])`,
    ],
    given(`assert.equal(find.mock.calls[0]?.arguments[0], '1')`),
    given(`assert.equal(find.mock.calls.length, 1)`),
  ],
}

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

  it.each(Object.entries(dialects))('are rewritten as %s writes them', async (_, rows) => {
    const before = rows.map(([text]) => text)
    const { notices } = await fixed({ ...files, 'src/app.test.ts': lines(...before) }, false)
    const listed = notices.flatMap(
      ({ message }) => /test\.ts:(\d+) asserts/.exec(message)?.[1] ?? [],
    )
    const expected = rows.flatMap(([, after], index) => (after === same ? [] : [String(index + 1)]))
    expect(listed).toEqual(expected)
    const { test } = await fixed({ ...files, 'src/app.test.ts': lines(...before) }, true)
    const after = rows.map(([text, wanted]) =>
      wanted === same || wanted === listedOnly ? text : wanted,
    )
    const isWritten = (line: string) => line !== ANY_SIGNAL && line !== ''
    expect(test.split('\n').filter(isWritten)).toEqual(after)
    expect(test.includes(ANY_SIGNAL)).toBe(test.includes('anySignal'))
  })

  it('ask for the keys that options had, and no key that may be undefined', async () => {
    const test = lines(
      `import { find } from './repo.js'`,
      `declare const expect: any`,
      `expect(find).toHaveBeenCalledWith({ id: '1' })`,
      `expect(find).toHaveBeenCalledWith(expect.objectContaining({ id: '1' }))`,
      `expect((find as any).mock.calls[0]).toEqual([{ id: '1' }])`,
    )
    const bag = {
      'src/repo.ts': lines(
        `import { Pool } from 'pg'`,
        `export const pool = new Pool()`,
        `export async function find({ id }: { id: string }) {`,
        `  return (await pool.query('SELECT $1', [id])).rows`,
        `}`,
      ),
      'src/app.ts': lines(
        `import express from 'express'`,
        `import { find } from './repo.js'`,
        `export const app = express()`,
        `app.get('/:id', async (req, res) => {`,
        `  res.json(await find({ id: req.params.id }))`,
        `})`,
      ),
      'src/app.test.ts': test,
    }
    const { notices } = await fixed(bag, false)
    expect(notices.map(({ message }) => /:(\d+) /.exec(message)?.[1])).toEqual([
      '3',
      '5',
      undefined,
    ])
    const updated = await fixed(bag, true)
    expect(updated.notices).toEqual([])
    expect(updated.test).toBe(
      test
        .replace(`With({ id: '1' })`, `With(expect.objectContaining({ id: '1' }))`)
        .replace(`[{ id: '1' }]`, `[expect.objectContaining({ id: '1' })]`),
    )
  })

  it('are named with updateTests where they cannot be rewritten', async () => {
    const flat = `expect((repo.find as any).mock.calls.flat()).toEqual(['1'])`
    const test = TEST + lines(flat)
    const { notices } = await fixed({ ...files, 'src/app.test.ts': test }, true)
    expect(notices.map(({ message }) => message)).toEqual([
      expect.stringMatching(/app\.test\.ts:8 asserts the exact arguments of find/),
      expect.stringMatching(/^1 assertion .* cannot be rewritten/),
    ])
  })

  it('are told of the ambient style where there are many', async () => {
    const many = Array.from({ length: 21 }, () => `expect(repo.find).toHaveBeenCalledWith('1')`)
    const head = common.map(([text]) => text)
    const { notices } = await fixed({ ...files, 'src/app.test.ts': lines(...head, ...many) }, false)
    expect(notices.at(-1)?.message).toMatch(/^21 assertions .* `propagation: 'ambient'` changes no/)
  })

  it('are left where another function of the name stays as it was', async () => {
    const other = lines(`export class Cache {`, `  find(id: string) {`, `    return id`, `  }`, `}`)
    const { test } = await fixed({ ...files, 'src/cache.ts': other }, true)
    expect(test).toBe(TEST)
  })
})
