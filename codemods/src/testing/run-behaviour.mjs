// What applications answer and leave in the database: node run-behaviour.mjs <folder of applications> <where to write it>
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import express from 'express'
import pg from 'pg'

const [, , folder, output] = process.argv
const database = new pg.Client()
await database.connect()

const seen = {}
for (const name of readdirSync(folder)) seen[name] = await behaviourOf(name)
writeFileSync(output, JSON.stringify(seen))
// The pools of the applications are theirs alone.
process.exit()

async function behaviourOf(name) {
  const behaviour = JSON.parse(readFileSync(join(folder, name, 'behaviour.json'), 'utf8'))
  // Each has tables of its own: whatever the process connects from here on finds them.
  const schema = `"${name}"`
  process.env.PGOPTIONS = `-c search_path=${schema}`
  await database.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`)
  await database.query(`SET search_path TO ${schema}`)
  for (const statement of behaviour.database) await database.query(statement)

  const server = await serverOf(join(folder, name, behaviour.app ?? 'src/app.js'))
  const answers = []
  for (const each of behaviour.exchanges) answers.push(await exchange(server, each))
  server.closeAllConnections()
  server.close()

  const rows = {}
  for (const [query, expected] of Object.entries(behaviour.leaves ?? {}))
    rows[query] = await settled(query, expected)
  return { answers, rows }
}

async function serverOf(path) {
  const loaded = await import(pathToFileURL(path).href)
  const application = loaded.AppModule
    ? await nestOf(loaded.AppModule)
    : express()
        .use(express.json())
        .use(loaded.app ?? loaded.default)
  const server = createServer(application)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function nestOf(module) {
  const { NestFactory } = await import('@nestjs/core')
  const nest = await NestFactory.create(module, { logger: false })
  await nest.init()
  return nest.getHttpAdapter().getInstance()
}

async function exchange(server, { send, body }) {
  const [method, path] = send.split(' ')
  const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, {
    method,
    headers: { 'content-type': 'application/json', connection: 'close' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, answer: response.ok ? parsed(text) : '' }
}

/** The number that a table has in the database is of no run but this one. */
function parsed(text) {
  try {
    return JSON.parse(text, (key, value) => (key === 'tableID' ? undefined : value))
  } catch {
    return text
  }
}

/** Rows, once work that no answer waited for is done. */
async function settled(query, expected) {
  for (let round = 0; ; round++) {
    const { rows } = await database.query(query)
    if (round === 100 || JSON.stringify(rows) === JSON.stringify(expected)) return rows
    await sleep(20)
  }
}
