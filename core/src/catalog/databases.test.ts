import { expect, test } from 'vitest'
import { analysisOf, judgementOn } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

const programs = {
  'Sequelize: models, instances, associations': `
    import { DataTypes, Model, Sequelize, type HasManyGetAssociationsMixin } from 'sequelize'
    const sequelize = new Sequelize('postgres://')
    class User extends Model {
      declare getPosts: HasManyGetAssociationsMixin<object>
      static byName(name: string) { return this.findOne({ where: { name } }) } // @sink sequelize
    }
    const Tag = sequelize.define('Tag', { name: DataTypes.STRING })
    export async function run() {
      const user = await User.findByPk(1) // @sink sequelize
      await user?.getPosts() // @sink sequelize
      await user?.update({}) // @sink sequelize
      await Tag.bulkCreate([]) // @sink sequelize
      await sequelize.models.Post.count() // @sink sequelize
      await sequelize.query('SELECT 1') // @sink sequelize
      await User.scope('active').findAll() // @sink sequelize
      const built = User.build({})
      await sequelize.transaction(async (transaction) => {
        await built.save({ transaction }) // @sink sequelize
      })
    }`,
  'Sequelize: a method of a model of the program under the name of an association': {
    'src/user.js': `
      const { Model } = require('sequelize')
      class User extends Model {
        getToken() { return sign(this.id) }
        getFriends() { return User.findAll() } // @sink sequelize
      }
      module.exports = User`,
    'src/app.js': `
      const { Sequelize } = require('sequelize')
      const User = require('./user')
      const sequelize = new Sequelize('postgres://')
      User.init({}, { sequelize })
      exports.run = async () => {
        const user = await sequelize.models.User.findOne() // @sink sequelize
        user.getToken()
        await user.getFriends()
        await user.getPosts() // @sink sequelize
      }`,
  },
  'a pool that a class of functions holds': {
    'src/users.js': `
      function Users(pool, cache) { this.pool = pool; this.cache = cache }
      Users.prototype.find = async function (id) { return this.pool.query('SELECT 1') } // @sink pg
      Users.prototype.known = function (id) { return this.cache.query(id) }
      function Posts(pool) { this.pool = pool }
      Posts.prototype = { list: function () { return this.pool.query('SELECT 2') } } // @sink pg
      module.exports = { Users, Posts }`,
    'src/app.js': `
      const { Pool } = require('pg')
      const { Users, Posts } = require('./users')
      const pool = new Pool()
      exports.run = async () => {
        await new Users(pool, new Map()).find(1)
        await new Posts(pool).list()
      }`,
  },
  'sequelize-typescript: repositories': `
    import { Model, Repository, Sequelize, Table } from 'sequelize-typescript'
    const sequelize = new Sequelize({ models: [] })
    @Table class User extends Model {}
    export class Users {
      constructor(readonly repository: Repository<User> = sequelize.getRepository(User)) {}
      async find(id: string) {
        await sequelize.getRepository(User).findOne({ where: { id } }) // @sink sequelize
        return this.repository.findOne({ where: { id } }) // @sink sequelize
      }
    }`,
  'Sequelize under a setting of the application': {
    'src/models.js': `
      const { Sequelize } = require('sequelize')
      module.exports = () => new Sequelize('postgres://')`,
    'src/app.js': `
      const express = require('express')
      const makeModels = require('./models')
      const app = express()
      app.set('sequelize', makeModels())
      app.get('/users', async (req, res) => {
        res.json(await req.app.get('sequelize').models.User.findAll()) // @sink sequelize
      })`,
  },
  'Sequelize in plain JavaScript: models as parameters, methods on prototypes, made-up names': {
    'src/user.js': `
      module.exports = (sequelize) => {
        const User = sequelize.define('User', {})
        User.prototype.page = async function (limit) {
          await this.reload() // @sink sequelize
          return sequelize.models.Post.findAll({ limit }) // @sink sequelize
        }
        User.getSalt = function () { return 'salt' }
        return User
      }`,
    'src/app.js': `
      const { Sequelize } = require('sequelize')
      const trim = require('./trim')
      const sequelize = new Sequelize('postgres://')
      const User = require('./user')(sequelize)
      async function run() {
        const user = await User.findOne() // @sink sequelize
        await user.page(10)
        await user.addFriend(1) // @sink sequelize
        user.setDataValue('a', 1)
        User.getSalt()
        await trim(User)
      }`,
    'src/trim.js': `
      module.exports = async (Model) => {
        await Model.destroy({ where: {} }) // @sink sequelize
      }`,
  },
  'MikroORM: managers, repositories, builders, collections': `
    import { Collection, EntityManager, EntityRepository, MikroORM } from '@mikro-orm/postgresql'
    class Post {}
    class User { posts = new Collection<Post>(this) }
    export class Users {
      constructor(
        private readonly em: EntityManager,
        private readonly users: EntityRepository<User>,
      ) {}
      async run() {
        const user = await this.users.findOneOrFail(1) // @sink mikro-orm
        await user.posts.init() // @sink mikro-orm
        this.em.persist(new User())
        await this.em.flush() // @sink mikro-orm
        await this.em.persist(user).flush() // @sink mikro-orm
        await this.em.transactional(async (em) => { // @sink mikro-orm
          await em.nativeDelete(User, 1) // @sink mikro-orm
        })
        await this.em.createQueryBuilder(User).where({}).getResultList() // @sink mikro-orm
        const orm = await MikroORM.init()
        return orm.em.fork().find(User, {}) // @sink mikro-orm
      }
    }`,
  'postgres.js: tags are lazy, fragments are values': `
    import postgres from 'postgres'
    const sql = postgres()
    export async function run(id: string) {
      const condition = sql\`id = \${id}\`
      const rows = await sql\`SELECT * FROM a WHERE \${condition}\` // @sink postgres
      await sql.unsafe('SELECT 1') // @sink postgres
      await sql\`INSERT INTO a \${sql([{ id }])}\` // @sink postgres
      await sql.begin(async (tx) => {
        await tx\`DELETE FROM a\` // @sink postgres
      })
      const query = sql\`SELECT 1\`
      return query // @sink postgres
    }`,
  'pg-promise, Slonik and mysql2': `
    import pgPromise from 'pg-promise'
    import { createPool, sql } from 'slonik'
    import mysql from 'mysql2/promise'
    const db = pgPromise()({})
    export async function run() {
      await db.oneOrNone('SELECT 1') // @sink pg-promise
      await db.tx(async (t) => {
        await t.none('DELETE FROM a') // @sink pg-promise
      })
      const pool = await createPool('postgres://')
      await pool.any(sql.unsafe\`SELECT 1\`) // @sink slonik
      await pool.transaction(async (one) => {
        await one.query(sql.unsafe\`DELETE FROM a\`) // @sink slonik
      })
      const other = mysql.createPool({})
      await other.execute('SELECT 1') // @sink mysql2
      const connection = await other.getConnection()
      await connection.query('SELECT 1') // @sink mysql2
    }`,
  'MongoDB, Mongoose and Redis': `
    import { MongoClient } from 'mongodb'
    import mongoose, { model, Schema } from 'mongoose'
    import Redis from 'ioredis'
    const users = new MongoClient('').db().collection('users')
    const User = model('User', new Schema({}))
    const redis = new Redis()
    export async function run() {
      await users.find({}).sort({}).toArray() // @sink mongodb
      await users.insertOne({}) // @sink mongodb
      await User.find().sort('a').limit(1) // @sink mongoose
      await User.findOne().lean().exec() // @sink mongoose
      const user = await mongoose.model('User').create({}) // @sink mongoose
      await user.save() // @sink mongoose
      await redis.get('a') // @sink redis
      await redis.multi().set('a', 1).exec() // @sink redis
    }`,
  'HTTP clients': `
    import axios from 'axios'
    import got from 'got'
    import { request } from 'undici'
    const api = axios.create({ baseURL: '' })
    export async function run(url: string) {
      await api.post(url, {}) // @sink axios
      await axios(url) // @sink axios
      await got.get(url).json() // @sink got
      await request(url) // @sink undici
    }`,
  'look-alikes': `
    import _ from 'lodash'
    export async function run(map: Map<string, string>, list: string[], cache: { get(key: string): string }) {
      _.find(list, Boolean)
      list.find(Boolean)
      map.get('a')
      map.set('db', 'b')
      cache.get('a')
      await Promise.all(list.map((each) => each.at(0)))
      new URLSearchParams().get('a')
    }`,
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})

test('a query that is cancelled by hand has its signal', () => {
  const analysis = analysisOf(`
    import postgres from 'postgres'
    const sql = postgres()
    export async function run(signal: AbortSignal) {
      const query = sql\`SELECT 1\`
      signal.addEventListener('abort', () => query.cancel())
      return (await query)[0]
    }`)
  expect(judgementOn(analysis, 'query').verdict).toBe('passed')
})
