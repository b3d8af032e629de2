import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const packages = fileURLToPath(new URL('../../../node_modules', import.meta.url))
/** Hosts that load the plugin from disk load what is published. */
export const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

/** One fault in plain JavaScript that every host can see, and its repair. */
export const javascript = {
  name: 'users.js',
  code: `import express from 'express'
import { Pool } from 'pg'

const pool = new Pool()
const app = express()

app.get('/users', async (req, res) => {
  const { rows } = await pool.query('SELECT * FROM users')
  res.json(rows)
})
`,
  rule: 'ctx/require-signal',
  line: 8,
  fixed: `import express from 'express'
import { Pool } from 'pg'
import { requestSignal } from '@ctx-fix/runtime/express'
import '@ctx-fix/runtime/pg'

const pool = new Pool()
const app = express()

app.get('/users', async (req, res) => {
  const signal = requestSignal(req)
  const { rows } = await pool.query({ text: 'SELECT * FROM users', signal })
  res.json(rows)
})
`,
}

/** The same in TypeScript, and in CommonJS. */
export const typescript = {
  ...javascript,
  name: 'users.ts',
  code: javascript.code.replace('(req, res)', '(req, res: express.Response)'),
  fixed: javascript.fixed.replace('(req, res)', '(req, res: express.Response)'),
}

export const commonjs = {
  ...javascript,
  name: 'users.cjs',
  code: toCommonJs(javascript.code),
  fixed: toCommonJs(javascript.fixed),
}

function toCommonJs(code: string): string {
  return code
    .replace(/^import '(.+)'$/gm, "require('$1')")
    .replace(/^import (.+) from '(.+)'$/gm, "const $1 = require('$2')")
}

export interface Folder {
  readonly root: string
  readonly remove: () => void
}

/** A project on disk in which packages resolve: all of the repository's, or those that are named. */
export function createFolder(
  files: Readonly<Record<string, string>>,
  installed?: Readonly<Record<string, string>>,
): Folder {
  const root = mkdtempSync(join(tmpdir(), 'ctx-fix-lint-'))
  if (installed) {
    mkdirSync(join(root, 'node_modules'))
    for (const [name, from] of Object.entries(installed))
      symlinkSync(join(packages, from), join(root, 'node_modules', name))
  } else symlinkSync(packages, join(root, 'node_modules'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text)
  return {
    root,
    remove: () => {
      rmSync(root, { recursive: true, force: true })
    },
  }
}
