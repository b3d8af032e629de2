import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createEslint } from './eslint.js'
import { createFolder } from './scenario.js'

const app = `const express = require('express')
const { pool } = require('./db')
const { Users } = require('./users')

const app = express()
const users = new Users(pool)

app.get('/users/:id', async (req, res) => {
  res.json(await users.find(req.params.id))
})
`
const db = "const { Pool } = require('pg')\n\nmodule.exports = { pool: new Pool() }\n"
const query = "return (await this.pool.query('SELECT 1')).rows"
const classes = {
  'a class': `class Users {
  constructor(pool) { this.pool = pool }
  async find(id) { ${query} }
}
module.exports = { Users }
`,
  'a function with a prototype': `function Users(pool) { this.pool = pool }
Users.prototype.find = async function (id) { ${query} }
module.exports = { Users }
`,
}

// ESLint reads the files of a run side by side and lints them as they come.
describe('a handler of plain JavaScript is reported in whatever order its files are linted', () => {
  it.each(Object.entries(classes))('%s that is given the pool', async (_, users) => {
    for (const order of [
      ['app.js', 'users.js'],
      ['users.js', 'app.js'],
      ['db.js', 'app.js', 'users.js'],
      ['users.js', 'db.js', 'app.js'],
    ]) {
      const files: Record<string, string> = { 'app.js': app, 'db.js': db, 'users.js': users }
      const folder = createFolder(files)
      const eslint = createEslint(folder.root, { isTyped: false, fix: false })
      const reported: string[] = []
      for (const name of order) {
        const filePath = join(folder.root, name)
        const [result] = await eslint.lintText(files[name] ?? '', { filePath })
        if (name === 'app.js')
          for (const each of result?.messages ?? []) reported.push(`${each.ruleId} ${each.line}`)
      }
      folder.remove()
      expect(reported).toEqual(['ctx/derive-in-handler 9'])
    }
  })
})

// Only the files that import it say what the constructor is given.
describe('a class of plain JavaScript is told of by the scripts of its package', () => {
  const files: Record<string, string> = {
    'package.json': '{}',
    'app.js': app,
    'db.js': db,
    'users.js': classes['a class'],
  }

  async function reportedIn(texts: readonly (readonly [name: string, text: string])[]) {
    const folder = createFolder(files)
    const eslint = createEslint(folder.root, { isTyped: false, fix: false })
    const reported = new Map<string, string[]>()
    for (const [name, text] of texts) {
      const [result] = await eslint.lintText(text, { filePath: join(folder.root, name) })
      reported.set(
        name,
        (result?.messages ?? []).map(({ ruleId, line }) => `${ruleId} ${line}`),
      )
    }
    folder.remove()
    return reported
  }

  it.each([
    [['users.js']],
    [['users.js', 'app.js']],
    [['app.js', 'users.js']],
    [['db.js', 'app.js', 'users.js']],
  ])('linted as %j', async (order) => {
    const reported = await reportedIn(order.map((name) => [name, files[name] ?? '']))
    expect(reported.get('users.js')).toEqual(['ctx/require-signal 3'])
  })

  it('while it is typed', async () => {
    const text = `// typing\n${files['users.js']}`
    const reported = await reportedIn([['users.js', text]])
    expect(reported.get('users.js')).toEqual(['ctx/require-signal 4'])
  })
})
