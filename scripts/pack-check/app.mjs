const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUnusedParameters: true,
  noEmit: true,
}

/** A small backend as its author left it: no signal anywhere. */
export const app = {
  'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
  'src/db.ts': `import { Pool } from 'pg'

export const pool = new Pool()
`,
  'src/users.ts': `import type { Pool } from 'pg'

export class UserRepo {
  constructor(private readonly pool: Pool) {}

  async byId(id: string) {
    const { rows } = await this.pool.query('SELECT * FROM users WHERE id = $1', [id])
    return rows[0]
  }
}
`,
  'src/app.ts': `import express from 'express'
import { pool } from './db.js'
import { UserRepo } from './users.js'

const users = new UserRepo(pool)
export const app = express()

app.get('/users/:id', async (req, res) => {
  res.json(await users.byId(req.params.id))
})

app.get('/health', async (_req, res) => {
  await pool.query('SELECT 1')
  res.sendStatus(204)
})
`,
  'eslint.config.js': `import ctx from 'eslint-plugin-ctx'
import tseslint from 'typescript-eslint'

export default [
  { files: ['src/**/*.ts'], languageOptions: { parser: tseslint.parser } },
  ctx.configs.recommended,
]
`,
}
