import { expect, test } from 'vitest'
import { sinkLines } from '../testing/sinks.js'

const programs = {
  'parameters, of functions, methods and what is exported by hand': {
    'src/migration.js': `
      /**
       * @param { import("knex").Knex } knex
       * @returns {Promise<void>}
       */
      exports.up = function (knex) {
        return knex.schema.createTable('a', () => {}) // @sink knex
      }
      /** @param {import('knex').Knex} knex */
      exports.down = (knex) => knex.raw('SELECT 1') // @sink knex
      class Store {
        /**
         * @param {string} name
         * @param {import('pg').Pool|null} [pool] - where to look
         */
        async find(name, pool) {
          return pool.query('SELECT 1') // @sink pg
        }
      }`,
  },
  'what functions and getters give': {
    'src/app.js': `
      const path = require('path')
      /** @returns {import('pg').Pool} */
      function pool() { return require(path.resolve('pool')) }
      class Database {
        /** @type {import('pg').Pool} */
        get pool() { return this.registry.pool }
        /** @returns {Promise<import('pg').PoolClient[]>} */
        async clients() {}
      }
      async function run() {
        await pool().query('SELECT 1') // @sink pg
        const database = new Database()
        await database.pool.query('SELECT 1') // @sink pg
        for (const client of await database.clients()) await client.query('SELECT 1') // @sink pg
      }`,
  },
  'variables and fields, named in the constructor': {
    'src/user.js': `
      const { Model } = require('sequelize')
      class User extends Model {
        constructor(values) {
          super(values)
          /** @type {import('./post')[]} - only where it was asked for */
          this.posts
        }
        static table(sequelize) { User.init({}, { sequelize }) }
      }
      module.exports = User`,
    'src/post.js': `
      const { Model } = require('sequelize')
      module.exports = class Post extends Model { publish() {} }`,
    'src/app.js': `
      class Service {
        constructor(options) {
          /** @type {import('pg').Pool} */
          this.pool = options.pool
        }
        run() { return this.pool.query('SELECT 1') } // @sink pg
      }
      /** @type {import('./user')} */
      let user
      async function run() {
        for (const post of user.posts) await post.save() // @sink sequelize
        user.posts[0].publish()
      }`,
  },
  'types declared in comments, here and elsewhere': {
    'src/types.js': `
      const { Model } = require('sequelize')
      /**
       * @typedef ExpandedProperties
       * @property {import('./media')} media
       *
       * @typedef {Item & ExpandedProperties} Expanded
       */
      class Item extends Model {}
      module.exports = Item`,
    'src/media.js': `
      const { Model } = require('sequelize')
      module.exports = class Media extends Model {}`,
    'src/app.js': `
      const Item = require('./types')
      /**
       * @typedef {Object} Options
       * @property {import('pg').Pool} pool
       * @property {{ client: import('pg').Client }} nested
       */
      /** @param {Options} options */
      async function run(options) {
        await options.pool.query('SELECT 1') // @sink pg
        await options.nested.client.query('SELECT 1') // @sink pg
      }
      /**
       * @param {import('./types').Expanded} item
       * @param {Array<Item.Expanded>} items
       */
      async function save(item, items) {
        await item.media.save() // @sink sequelize
        await item.save() // @sink sequelize
        for (const each of items) await each.media.update({}) // @sink sequelize
      }`,
  },
  'an exported object of a known type': {
    'src/migration.js': `
      /** @type {import('sequelize-cli').Migration} */
      module.exports = {
        async up(queryInterface, Sequelize) {
          await queryInterface.sequelize.query('SELECT 1') // @sink sequelize
        },
      }`,
  },
  'look-alikes: prose, other names, and TypeScript, which has annotations': {
    'src/app.js': `
      /**
       * Queries the pool {@link import('pg').Pool}.
       * @param {import('./pool').Pool} pool
       * @param {function(string): void} done
       * @param {import('pg').Pool
       */
      async function run(pool, done, other) {
        await pool.query('SELECT 1')
        done.query('SELECT 1')
      }
      // @param {import('pg').Pool} pool
      const plain = (pool) => pool.query('SELECT 1')`,
    'src/typed.ts': `
      /** @param {import('pg').Pool} pool */
      export const run = (pool: { query(text: string): void }) => pool.query('SELECT 1')`,
  },
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})

test('the request of a handler is its framework’s, whatever a comment calls it', () => {
  const { found, marked } = sinkLines({
    'src/app.js': `
      const express = require('express')
      const { Pool } = require('pg')
      const app = express()
      app.set('db', new Pool())
      /**
       * @param {Request} req
       * @param {Response} res
       */
      const list = async (req, res) => {
        res.json(await req.app.get('db').query('SELECT 1')) // @sink pg
      }
      app.get('/', list)`,
  })
  expect(found).toEqual(marked)
})
