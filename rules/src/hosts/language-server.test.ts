import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LanguageClient, type Diagnostic } from './language-client.js'
import { built, createFolder, typescript, type Folder } from './scenario.js'

const command = createRequire(import.meta.url).resolve(
  'vscode-langservers-extracted/bin/vscode-eslint-language-server',
)

const eslintConfig = `
import ctx from ${JSON.stringify(pathToFileURL(built).href)}
import { parser } from 'typescript-eslint'

export default [
  { ...ctx.configs.recommended, files: ['**/*.ts'] },
  { files: ['**/*.ts'], languageOptions: { parser } },
]
`

/** The settings of the extension at their defaults. */
const settings = (root: string) => ({
  validate: 'on',
  packageManager: 'npm',
  useESLintClass: true,
  useFlatConfig: true,
  experimental: { useFlatConfig: true },
  codeAction: {
    disableRuleComment: { enable: true, location: 'separateLine' },
    showDocumentation: { enable: true },
  },
  codeActionOnSave: { mode: 'all' },
  format: false,
  quiet: false,
  onIgnoredFiles: 'off',
  options: {},
  rulesCustomizations: [],
  run: 'onType',
  problems: { shortenToSingleLine: false },
  nodePath: null,
  workingDirectory: { directory: root },
  workspaceFolder: { name: 'project', uri: pathToFileURL(root).href },
})

describe('the language server of VS Code', () => {
  let folder: Folder
  let client: LanguageClient
  const uriOf = (name: string) => pathToFileURL(join(folder.root, name)).href

  beforeAll(async () => {
    const files = {
      'package.json': '{ "type": "module" }',
      'eslint.config.mjs': eslintConfig,
      [typescript.name]: typescript.code,
      'both.ts': '',
      'all.ts': '',
    }
    // The server that is published for other editors knows ESLint up to 9.
    folder = createFolder(files, { eslint: 'eslint-9', 'typescript-eslint': 'typescript-eslint' })
    client = new LanguageClient(command, folder.root, settings(folder.root))
    await client.start()
  })

  afterAll(() => {
    client.stop()
    folder.remove()
  })

  it('shows the fault while it is typed, and its quick fix gives the expected text', async () => {
    const uri = uriOf(typescript.name)
    expect(await client.open(uri, 'typescript', 'import express from')).toMatchObject([
      { message: expect.stringContaining('Parsing error') as string },
    ])
    const diagnostics = await client.change(uri, 2, typescript.code)
    expect(diagnostics).toMatchObject([
      {
        code: typescript.rule,
        message: expect.stringContaining('requestSignal(req)') as string,
        // The callee is underlined: `pool.query`.
        range: { start: { line: 7, character: 25 }, end: { line: 7, character: 35 } },
      },
    ])
    const actions = await client.codeActions(uri, diagnostics[0] as Diagnostic)
    const fix = actions.find((each) => each.title.startsWith('Fix this ctx/require-signal'))
    expect(fix && (await client.apply(fix, typescript.code))).toBe(typescript.fixed)
  })

  it('fixes all that is safe when the file is saved, and leaves the rest', async () => {
    const code = `${typescript.code}
app.get('/posts', async (req, res: express.Response) => {
  void pool.query('UPDATE visits SET n = n + 1')
  res.json((await pool.query('SELECT * FROM posts')).rows)
})
`
    const fixed = `${typescript.fixed}
app.get('/posts', async (req, res: express.Response) => {
  const signal = requestSignal(req)
  void pool.query('UPDATE visits SET n = n + 1')
  res.json((await pool.query({ text: 'SELECT * FROM posts', signal })).rows)
})
`
    const uri = uriOf('all.ts')
    expect(await client.open(uri, 'typescript', code)).toHaveLength(3)
    const actions = await client.fixAll(uri)
    expect(actions).toHaveLength(1)
    const [fixAll] = actions
    expect(fixAll && (await client.apply(fixAll, code))).toBe(fixed)
    expect(await client.change(uri, 2, fixed)).toMatchObject([
      { message: expect.stringContaining('Nobody waits for') as string },
    ])
  })

  it('offers a suggestion for each signal where two are as good', async () => {
    const code = `export const load = (first: AbortSignal, second: AbortSignal) => fetch('https://a.example')\n`
    const uri = uriOf('both.ts')
    const [diagnostic] = await client.open(uri, 'typescript', code)
    const actions = await client.codeActions(uri, diagnostic as Diagnostic)
    const offered = actions.filter((each) => each.title.startsWith('Pass '))
    expect(offered.map((each) => each.title)).toEqual([
      expect.stringContaining('Pass `first`.'),
      expect.stringContaining('Pass `second`.'),
    ])
    expect(offered[1] && (await client.apply(offered[1], code))).toBe(
      code.replace(`'https://a.example'`, `'https://a.example', { signal: second }`),
    )
  })
})
