type Files = Readonly<Record<string, string>>

export const users = `import { pool } from './db.js'

export async function findUser(id: string) {
  const { rows } = await pool.query('SELECT * FROM users WHERE id = $1', [id])
  return rows[0]
}
`

/** The smallest program with a chain: a handler, a function in another file, a query in a third. */
export const sampleSources: Files = {
  'src/db.ts': "import { Pool } from 'pg'\n\nexport const pool = new Pool()\n",
  'src/users.ts': users,
  'src/app.ts': `import express from 'express'
import { findUser } from './users.js'

export const app = express()

app.get('/users/:id', async (req, res) => {
  res.json(await findUser(req.params.id))
})
`,
}

const compilerOptions = {
  module: 'nodenext',
  target: 'es2022',
  strict: true,
  types: [],
  noEmit: true,
}

export const sampleTsconfig = JSON.stringify({ compilerOptions, include: ['src'] })

export const sampleManifest = JSON.stringify({
  type: 'module',
  dependencies: { express: '5', pg: '8' },
})

export const sampleApp: Files = {
  'package.json': sampleManifest,
  'tsconfig.json': sampleTsconfig,
  ...sampleSources,
}

/** The same files below a folder. */
export function inFolder(folder: string, files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]),
  )
}
