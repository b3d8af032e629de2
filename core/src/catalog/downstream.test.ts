import { describe, expect, it } from 'vitest'
import type { Files } from '../testing/program.js'
import { sinkLines } from '../testing/sinks.js'

type Case = readonly [situation: string, files: Files | string]

const axios: readonly Case[] = [
  [
    'the function and its methods',
    `import axios from 'axios'
await axios('https://a.example') // @sink axios
await axios({ url: 'https://a.example' }) // @sink axios
await axios.get('https://a.example') // @sink axios
await axios.post('https://a.example', {}) // @sink axios
await axios.query('https://a.example', {}) // @sink axios
await axios.request({ url: 'https://a.example' }) // @sink axios
axios.interceptors.request.use((config) => config)
axios.defaults.timeout = 1_000`,
  ],
  [
    'an instance made elsewhere, and one in a class',
    {
      'src/client.ts': `import axios, { type AxiosInstance } from 'axios'
export const api = axios.create({ baseURL: 'https://a.example' })
export class Prices {
  private readonly http: AxiosInstance
  constructor() { this.http = axios.create() }
  today() { return this.http.get('/today') } // @sink axios
}
export function makeClient(): AxiosInstance { return axios.create() }`,
      'src/app.ts': `import { api, makeClient } from './client.js'
await api.get('/books') // @sink axios
const other = makeClient()
await other.delete('/books/1') // @sink axios`,
    },
  ],
  [
    'CommonJS, and what is no request',
    {
      'src/plain.js': `const axios = require('axios')
const { create } = axios
module.exports.load = () => axios.get('https://a.example') // @sink axios
module.exports.cache = new Map()
module.exports.cache.get('key')`,
    },
  ],
]

const got: readonly Case[] = [
  [
    'the function, its methods and instances that extend it',
    {
      'src/client.ts': `import got from 'got'
export const api = got.extend({ prefixUrl: 'https://a.example' })`,
      'src/app.ts': `import got from 'got'
import { api } from './client.js'
await got('https://a.example').json() // @sink got
await got.post('https://a.example', { json: {} }).json() // @sink got
const { body } = await api.get('books') // @sink got
await api.extend({ retry: { limit: 0 } })('books') // @sink got
got.stream('https://a.example').pipe(process.stdout) // @sink got`,
    },
  ],
]

const ky: readonly Case[] = [
  [
    'the function, its methods and its instances',
    `import ky from 'ky'
const api = ky.create({ prefixUrl: 'https://a.example' })
await api.get('books').json() // @sink ky
await ky('https://a.example') // @sink ky`,
  ],
]

const undici: readonly Case[] = [
  [
    'functions',
    `import { fetch, request, stream } from 'undici'
await fetch('https://a.example') // @sink undici
await request('https://a.example') // @sink undici
await stream('https://a.example', { opaque: {} }, () => process.stdout) // @sink undici`,
  ],
  [
    'the object of them all',
    `import undici from 'undici'
await undici.request('https://a.example') // @sink undici
await undici.fetch('https://a.example') // @sink undici`,
  ],
  [
    'clients, pools and agents',
    `import { Agent, Client, Pool, ProxyAgent, RetryAgent, setGlobalDispatcher, fetch } from 'undici'
const agent = new Agent({ connections: 10 })
setGlobalDispatcher(agent)
await new Client('https://a.example').request({ path: '/', method: 'GET' }) // @sink undici
const pool = new Pool('https://a.example')
await pool.request({ path: '/', method: 'GET' }) // @sink undici
await new RetryAgent(agent).request({ origin: 'https://a.example', path: '/', method: 'GET' }) // @sink undici
await new ProxyAgent('https://p.example').request({ path: '/', method: 'GET' }) // @sink undici
await fetch('https://a.example', { dispatcher: agent }) // @sink undici`,
  ],
  [
    'the global fetch, through the global object too, and not one of the program itself',
    {
      'src/app.ts': `await fetch('https://a.example') // @sink web
await globalThis.fetch('https://a.example') // @sink web`,
      'src/own.ts': `const fetch = async (name: string) => name
await fetch('book')`,
    },
  ],
]

const redis: readonly Case[] = [
  [
    'ioredis: the default, the named class, a subclass and a pipeline',
    {
      'src/redis.ts': `import Redis, { Cluster } from 'ioredis'
export class Cache extends Redis {
  load(key: string) { return this.get(key) } // @sink redis
}
export const cluster = new Cluster([])
export default new Redis()`,
      'src/app.ts': `import redis, { Cache, cluster } from './redis.js'
import { Redis } from 'ioredis'
await redis.hgetall('a') // @sink redis
await new Cache().set('a', 'b') // @sink redis
await cluster.get('a') // @sink redis
const pipeline = redis.pipeline()
pipeline.get('a')
await pipeline.set('a', 'b').exec() // @sink redis
await redis.multi().incr('a').exec() // @sink redis
export const load = (client: Redis) => client.mget('a', 'b') // @sink redis`,
    },
  ],
  [
    'node-redis: a client, a chain, a pool and its type',
    {
      'src/redis.ts': `import { createClient, type RedisClientType } from 'redis'
export const client: RedisClientType = createClient()
await client.connect()
export const made = await createClient().on('error', console.error).connect()`,
      'src/app.ts': `import { client, made } from './redis.js'
import { createClientPool } from 'redis'
await client.hGetAll('a') // @sink redis
await made.set('a', 'b') // @sink redis
await client.multi().set('a', 'b').get('a').exec() // @sink redis
await client.withAbortSignal(AbortSignal.timeout(100)).get('a') // @sink redis
const pool = createClientPool()
await pool.get('a') // @sink redis`,
    },
  ],
]

const mysql2: readonly Case[] = [
  [
    'pools and connections with promises',
    `import mysql from 'mysql2/promise'
const pool = mysql.createPool({ host: 'localhost' })
const [rows] = await pool.query('SELECT 1') // @sink mysql2
await pool.execute('SELECT ?', [1]) // @sink mysql2
const connection = await pool.getConnection()
await connection.query('SELECT 1') // @sink mysql2
connection.release()
export const load = (db: mysql.Pool) => db.query('SELECT 1') // @sink mysql2`,
  ],
  [
    'callbacks, and promises of them',
    `import { createPool } from 'mysql2'
const pool = createPool({ host: 'localhost' })
pool.query('SELECT 1', (error, rows) => {}) // @sink mysql2
pool.getConnection((error, connection) => { connection.query('SELECT 1', () => {}) }) // @sink mysql2
await pool.promise().query('SELECT 1') // @sink mysql2`,
  ],
]

const mongodb: readonly Case[] = [
  [
    'collections through client and database, with types',
    {
      'src/db.ts': `import { MongoClient, type Collection, type Db } from 'mongodb'
const client = new MongoClient('mongodb://localhost')
export const db: Db = client.db('shop')
export interface Book { title: string }
export const books = client.db().collection<Book>('books')
export const open = async (): Promise<Db> => (await MongoClient.connect('mongodb://localhost')).db()
export type Books = Collection<Book>`,
      'src/app.ts': `import { books, db, open, type Book, type Books } from './db.js'
await books.findOne({ title: 'a' }) // @sink mongodb
await db.collection<Book>('books').find({}).sort({ title: 1 }).toArray() // @sink mongodb
await books.insertOne({ title: 'a' }) // @sink mongodb
await (await open()).collection('books').aggregate([]).toArray() // @sink mongodb
export const count = (all: Books) => all.countDocuments({}) // @sink mongodb
for await (const book of books.find({})) console.log(book) // @sink mongodb
export class Shelf {
  constructor(private readonly all: Books) {}
  clear() { return this.all.deleteMany({}) } // @sink mongodb
}`,
    },
  ],
]

const mongoose: readonly Case[] = [
  [
    'models of other files, with generics',
    {
      'src/book.ts': `import mongoose, { model, Schema, type HydratedDocument, type Model } from 'mongoose'
interface Book { title: string }
const schema = new Schema<Book>({ title: String })
export const BookModel = model<Book>('Book', schema)
export const Author: Model<Book> = mongoose.model<Book>('Author', schema)
export default mongoose.models.Book || mongoose.model('Book', schema)
export type BookDocument = HydratedDocument<Book>`,
      'src/app.ts': `import Books, { Author, BookModel, type BookDocument } from './book.js'
await BookModel.find({ title: 'a' }).lean() // @sink mongoose
await Author.findById('1').exec() // @sink mongoose
await BookModel.create({ title: 'a' }) // @sink mongoose
await Books.findOne({}) // @sink mongoose
const book = new BookModel({ title: 'a' })
await book.save() // @sink mongoose
await BookModel.aggregate([]).exec() // @sink mongoose
export const rename = (each: BookDocument) => each.save() // @sink mongoose
const query = BookModel.find({})
query.where('title')
const all = await query // @sink mongoose`,
    },
  ],
  [
    'functions that a schema is given for its models and documents',
    {
      'src/app.ts': `import mongoose, { Schema } from 'mongoose'
const schema = new mongoose.Schema({ title: String })
schema.statics.first = function () { return this.findOne().exec() } // @sink mongoose
const other = new Schema({})
other.methods.keep = async function () { await this.save() } // @sink mongoose
other.extra.keep = async function () { await this.save() }`,
    },
  ],
]

const suites = { axios, got, ky, undici, redis, mysql2, mongodb, mongoose }

describe.each(Object.entries(suites))('%s', (_, cases) => {
  it.each(cases)('%s', (_situation, files) => {
    const { found, marked } = sinkLines(files)
    expect(found).toEqual(marked)
  })
})
