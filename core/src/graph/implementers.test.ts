import { expect, test } from 'vitest'
import { analysisOf } from '../testing/program.js'
import { entryPointsBySink } from './reach.js'

const handler = `
  import express from 'express'
  import { Pool } from 'pg'
  const app = express()
  const pool = new Pool()`

/** Ways to give a handler what its own type only promises. */
const programs = {
  'a class that implements a type alias': `${handler}
    type Users = { find(): Promise<unknown> }
    class PgUsers implements Users {
      async find() { return pool.query('SELECT 1') }
    }
    function route(users: Users) { app.get('/', async (req, res) => res.json(await users.find())) }
    route(new PgUsers())`,
  'an object that is declared to be of an interface': `${handler}
    interface Users { find(): Promise<unknown> }
    const users: Users = { find: async () => pool.query('SELECT 1') }
    function route(users: Users) { app.get('/', async (req, res) => res.json(await users.find())) }
    route(users)`,
  'an object that a factory returns as an interface': `${handler}
    interface Users { find(): Promise<unknown> }
    const createUsers = (db: Pool): Users => ({ async find() { return db.query('SELECT 1') } })
    class Controller {
      constructor(private readonly users: Users) {}
      list = async (req: express.Request, res: express.Response) => res.json(await this.users.find())
    }
    app.get('/', new Controller(createUsers(pool)).list)`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const analysis = analysisOf(program)
  const sinks = analysis.calls.filter((each) => each.sink?.api === 'Pool.query')
  const reaching = entryPointsBySink(analysis)
  expect(sinks.map((each) => reaching.get(each.id)?.length)).toEqual([1])
})
