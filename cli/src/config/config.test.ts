import { describe, expect, it } from 'vitest'
import { createRepository } from '../testing/workspace.js'
import { loadConfig } from './load.js'

type Files = Readonly<Record<string, string>>

async function load(files: Files, request: { folder?: string; file?: string } = {}) {
  const { root } = createRepository({ 'api/a.ts': '', ...files })
  const { config } = await loadConfig({
    root: `${root}/${request.folder ?? 'api'}`,
    file: request.file,
    cwd: root,
  })
  return config
}

describe('where a configuration is found', () => {
  const cases: [situation: string, files: Files][] = [
    ['a JSON file', { 'api/ctx-fix.config.json': '{ "signalNames": ["found"] }' }],
    ['a JSON file in a folder above', { 'ctx-fix.config.json': '{ "signalNames": ["found"] }' }],
    ['a module', { 'api/ctx-fix.config.mjs': 'export default { signalNames: ["found"] }' }],
    [
      'package.json',
      { 'package.json': '{ "ctx-fix": { "signalNames": ["found"] } }', 'api/package.json': '{}' },
    ],
    [
      'the nearest of two',
      {
        'ctx-fix.config.json': '{ "signalNames": ["far"] }',
        'api/ctx-fix.config.json': '{ "signalNames": ["found"] }',
      },
    ],
  ]
  it.each(cases)('%s', async (_situation, files) => {
    expect(await load(files)).toEqual({ signalNames: ['found'] })
  })

  it('the file that is named, whatever its name', async () => {
    const files = { 'ctx-fix.config.json': '{}', 'strict.json': '{ "propagation": "ambient" }' }
    expect(await load(files, { file: 'strict.json' })).toEqual({ propagation: 'ambient' })
  })
})

describe('what is wrong with it, in one line with the name of the file', () => {
  const cases: [text: string, message: string][] = [
    ['{', 'ctx-fix.config.json is not valid JSON: '],
    ['[]', 'ctx-fix.config.json: the configuration must be an object, not an array'],
    [
      '{ "propogation": "explicit" }',
      'ctx-fix.config.json: the configuration has an unknown key "propogation", did you mean "propagation"?',
    ],
    ['{ "zzz": 1 }', 'unknown key "zzz": known are $schema, propagation, '],
    [
      '{ "propagation": "implicit" }',
      'ctx-fix.config.json: "propagation" must be "explicit" or "ambient", not "implicit"',
    ],
    [
      '{ "signalNames": "abort" }',
      'ctx-fix.config.json: "signalNames" must be an array, not "abort"',
    ],
    ['{ "testGlobs": ["a", 1] }', 'ctx-fix.config.json: "testGlobs[1]" must be a string, not 1'],
    ['{ "libraries": [null] }', 'ctx-fix.config.json: "libraries[0]" must be an object, not null'],
  ]
  it.each(cases)('%s', async (text, message) => {
    const error = await load({ 'ctx-fix.config.json': text }).catch(
      (reason: unknown) => reason as Error,
    )
    expect(error).toMatchObject({ name: 'UsageError' })
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).not.toContain('\n')
  })

  it('a module that throws', async () => {
    await expect(load({ 'ctx-fix.config.mjs': 'throw new Error("no\\nway")' })).rejects.toThrow(
      /^ctx-fix\.config\.mjs cannot be loaded: no$/,
    )
  })

  it('two in one folder', async () => {
    const files = { 'ctx-fix.config.json': '{}', 'package.json': '{ "ctx-fix": {} }' }
    await expect(load(files)).rejects.toThrow(
      /^two configurations, keep one: .*json, .*package\.json$/,
    )
  })
})
