import { expect, test } from 'vitest'
import { sinkLines } from '../testing/sinks.js'

const loaded = (load: string, files = 'fs.readdirSync(__dirname)') => ({
  'src/models/index.js': `
    const fs = require('fs')
    const path = require('path')
    const Sequelize = require('sequelize')
    const sequelize = new Sequelize('postgres://')
    const db = {}
    const paths = ['./user', './post.js']
    ${files}.forEach((file) => {
      const model = ${load}
      db[model.name] = model
    })
    db.sequelize = sequelize
    module.exports = db`,
  'src/models/user.js': `
    module.exports = (sequelize, DataTypes) => {
      const User = sequelize.define('User', { name: DataTypes.STRING })
      return User
    }`,
  'src/models/post.js': `
    const { Model } = require('sequelize')
    module.exports = (sequelize, DataTypes) => {
      class Post extends Model {
        static recent() { return this.findAll({ limit: 10 }) } // @sink sequelize
        getTitle() { return this.title }
      }
      Post.init({}, { sequelize })
      return Post
    }`,
  'src/users.js': `
    const { Post, User, sequelize } = require('./models/index')
    module.exports = {
      async list() {
        const user = await User.findOne() // @sink sequelize
        await user.save() // @sink sequelize
        await sequelize.query('SELECT 1') // @sink sequelize
        const [post] = await Post.recent()
        return post.getTitle()
      },
    }`,
})

const programs = {
  'a folder of models, required one after the other': loaded(
    'require(path.join(__dirname, file))(sequelize, Sequelize.DataTypes)',
  ),
  'a folder of models, by a template': loaded(
    'require(`./${file}`)(sequelize, Sequelize.DataTypes)',
  ),
  'a list of models, required one after the other': loaded(
    'require(file)(sequelize, Sequelize.DataTypes)',
    'paths',
  ),
  'a folder of modules with a default, read by what they are compiled to': {
    'src/models/index.js': `
      import fs from 'fs'
      import path from 'path'
      import Sequelize from 'sequelize'
      const db = {}
      const sequelize = new Sequelize('postgres://')
      fs.readdirSync(__dirname).forEach((file) => {
        const model = require(path.join(__dirname, file)).default(sequelize, Sequelize.DataTypes)
        db[model.name] = model
      })
      export default db`,
    'src/models/card.js': `
      import { Model } from 'sequelize'
      export default (sequelize, DataTypes) => {
        class Card extends Model {}
        Card.init({}, { sequelize })
        return Card
      }`,
    'src/cards.js': `
      import models from './models/index.js'
      const { Card } = models
      export const all = async () => Card.findAll() // @sink sequelize`,
  },
  'models of a folder in a map without a type, handed to a class that takes any': {
    'src/models/index.ts': `
      import * as fs from 'fs'
      import { Sequelize } from 'sequelize'
      const sequelize = new Sequelize('postgres://')
      let models: any = {}
      const createModels = () => {
        const list = fs.readdirSync(__dirname).filter((file) => file !== 'index').map((file) => sequelize.import(file))
        for (let i = 0; i < list.length; i += 1) models[list[i].name] = list[i]
        models['sequelize'] = sequelize
        return models
      }
      export default createModels()`,
    'src/users.ts': `
      export class Users {
        private models: any
        constructor(models: any) { this.models = models }
        async byName(name: string) {
          const User = this.models.User
          await this.models.sequelize.query('SELECT 1') // @sink sequelize
          return User.findOne({ where: { name } }) // @sink sequelize
        }
      }
      export class Names {
        constructor(private readonly names: any) {}
        find(name: string) { return this.names.findOne(name) }
      }`,
    'src/app.ts': `
      import models from './models/index'
      import { Names, Users } from './users'
      export const users = new Users(models)
      export const names = new Names({ findOne: (name: string) => name })`,
  },
  'models in a global that nothing declares, initialised one after the other': {
    'src/user.js': `
      const Sequelize = require('sequelize')
      module.exports = class User extends Sequelize.Model {
        static init(sequelize) { return super.init({}, { sequelize }) }
        getToken() { return 'token' }
      }`,
    'src/role.js': `
      const { Model } = require('sequelize')
      module.exports = class Role extends Model {}`,
    'src/database.js': `
      const Sequelize = require('sequelize')
      sequelize = new Sequelize('postgres://')
      models = { User: require('./user'), Role: require('./role') }
      Object.keys(models).map((key) => (models[key] = models[key].init(sequelize)))
      module.exports = { ...models, sequelize }`,
    'src/repository.js': `
      module.exports = class Repository {
        constructor(model) { this.model = model }
        find(id) { return this.model.findByPk(id) } // @sink sequelize
        build(values) { return this.model.build(values) }
      }`,
    'src/users.js': `
      const Repository = require('./repository')
      const { Role, User } = require('./database')
      class Users extends Repository {
        constructor() { super(User) }
        byName(name) { return User.findOne({ where: { name } }) } // @sink sequelize
        token() { return this.build({}).getToken() }
      }
      module.exports = { users: new Users(), roles: new Repository(Role) }`,
  },
  'what methods are given, and what is waited for together': {
    'src/models.js': `
      const { Sequelize } = require('sequelize')
      const sequelize = new Sequelize('postgres://')
      const User = sequelize.define('User', {})
      const Article = sequelize.define('Article', {})
      Article.prototype.toJson = async function (user) {
        return { id: this.id, favorite: await user.hasFavorite(this.id) } // @sink sequelize
      }
      class Renderer {
        render(article) { return article.getTags() } // @sink sequelize
      }
      module.exports = { User, Article, Renderer }`,
    'src/app.js': `
      const { User, Article, Renderer } = require('./models')
      const renderer = new Renderer()
      async function run(id) {
        const [user, article] = await Promise.all([
          User.findByPk(id), // @sink sequelize
          Article.findOne(), // @sink sequelize
        ])
        await user.addFavorite(article) // @sink sequelize
        await renderer.render(article)
        return article.toJson(user)
      }`,
  },
  'Sequelize 5 loads a model by its path': {
    'src/app.js': `
      const Sequelize = require('sequelize')
      const sequelize = new Sequelize('postgres://')
      const User = sequelize.import('./user')
      const run = () => User.count() // @sink sequelize`,
  },
  'methods that are put on a model all at once': {
    'src/app.js': `
      const { Sequelize } = require('sequelize')
      const sequelize = new Sequelize('postgres://')
      const User = sequelize.define('User', {})
      Object.assign(User.prototype, {
        setPassword(password) { this.hash = password },
        async getFriends() { return this.getUsers() }, // @sink sequelize
      })
      Object.assign(User, { getSalt: () => 'salt' })
      async function run(id) {
        const user = await User.findByPk(id) // @sink sequelize
        user.setPassword('x')
        await user.getFriends()
        await user.setRole(1) // @sink sequelize
      }`,
  },
  'look-alikes': {
    'src/index.js': `
      const Sequelize = require('sequelize')
      const sequelize = new Sequelize('postgres://')
      const cache = {}
      const put = (key, value) => { cache[key] = value }
      const plugins = (file) => require(file)()
      module.exports = { cache, put, plugins, sequelize }`,
    'src/app.js': `
      const { cache, plugins } = require('./index')
      function run(list) {
        cache.users.findAll()
        plugins('./a').findAll()
        list.find(Boolean)
        Object.keys(cache).sort()
      }`,
  },
}

test.each(Object.entries(programs))('%s', (_, program) => {
  const { found, marked } = sinkLines(program)
  expect(found).toEqual(marked)
})
