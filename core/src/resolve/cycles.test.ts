import { expect, test } from 'vitest'
import type { Files } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

/** What is seen at one place is seen at each: no answer found half-way round a circle is kept. */
const programs: Record<string, Files> = {
  'a pool that an untyped function of another file hands back': {
    'src/tracing.js': `
      exports.wrapPool = function (pool) {
        pool.on('error', () => {})
        return pool
      }`,
    'src/app.js': `
      const express = require('express')
      const { Pool } = require('pg')
      const { wrapPool } = require('./tracing')
      const app = express()
      const pool = wrapPool(new Pool())
      app.get('/a', async (q, s) => { s.json(await pool.query('1')) }) // @sink pg
      app.get('/b', async (q, s) => { s.json(await pool.query('2')) }) // @sink pg
      app.get('/c', async (q, s) => { s.json(await pool.query('3')) }) // @sink pg`,
  },
  'a pool that a function of the same file hands back': {
    'src/app.js': `
      const { Pool } = require('pg')
      const make = (P) => P
      const pool = make(new Pool())
      const a = () => pool.query('1') // @sink pg
      const b = () => pool.query('2') // @sink pg`,
  },
  'a function that is given the class': {
    'src/app.js': `
      const { Pool } = require('pg')
      const make = (P) => new P()
      const pool = make(Pool)
      const a = () => pool.query('1') // @sink pg
      const b = () => pool.query('2') // @sink pg`,
  },
  'a builder that is exported through a function': {
    'src/log.js': `
      module.exports = function withLog(knex) {
        knex.on('query', () => {})
        return knex
      }`,
    'src/db.js': `
      const withLog = require('./log')
      module.exports = withLog(require('knex')({ client: 'pg' }))`,
    'src/app.js': `
      const express = require('express')
      const db = require('./db')
      const app = express()
      app.get('/a', async (q, s) => { s.json(await db('a').select()) }) // @sink knex
      app.get('/b', async (q, s) => { s.json(await db('b').select()) }) // @sink knex
      app.get('/c', async (q, s) => { s.json(await db.raw('select 1')) }) // @sink knex`,
  },
  'models that files make of what they are given': {
    'src/models/user.js': `
      module.exports = (sequelize, DataTypes) => {
        const User = sequelize.define('User', { name: DataTypes.STRING })
        return User
      }`,
    'src/models/index.js': `
      const { Sequelize, DataTypes } = require('sequelize')
      const sequelize = new Sequelize('postgres://')
      const User = require('./user')(sequelize, DataTypes)
      module.exports = { User, sequelize }`,
    'src/app.js': `
      const express = require('express')
      const { User } = require('./models/index')
      const app = express()
      app.get('/a', async (q, s) => { s.json(await User.findAll()) }) // @sink sequelize
      app.get('/b', async (q, s) => { s.json(await User.findByPk(1)) }) // @sink sequelize`,
  },
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
