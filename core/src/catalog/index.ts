import { awilix } from './awilix.js'
import { bullmq, nestBullmq } from './bullmq.js'
import { agenda, cron, nodeCron } from './cron.js'
import { axios, got, ky, nestAxios, undici } from './downstream.js'
import { parseDescriptor } from './descriptor.js'
import { drizzle, drizzlePostgresJs } from './drizzle.js'
import { inversify, tsyringe } from './containers.js'
import { inversifyExpress, routingControllers, tsoa } from './decorated-routes.js'
import { elysia } from './elysia.js'
import { express } from './express.js'
import { fastify } from './fastify.js'
import { apolloServer, graphql, graphqlYoga, pothos, typeGraphql } from './graphql.js'
import { graphileWorker } from './graphile-worker.js'
import { grpc } from './grpc.js'
import { h3 } from './h3.js'
import { hapi } from './hapi.js'
import { hono } from './hono.js'
import { knex, objection } from './knex.js'
import { koa } from './koa.js'
import { kysely } from './kysely.js'
import { lambda } from './lambda.js'
import { mikroOrm } from './mikro-orm.js'
import { mongodb, mongoose } from './mongo.js'
import { mysql2 } from './mysql2.js'
import { nestCqrs } from './nest-cqrs.js'
import { nest, nestJobs } from './nest.js'
import { next } from './next.js'
import { fs, fsPromises, readlinePromises } from './node-files.js'
import { util } from './node-util.js'
import { passport } from './passport.js'
import { pgBoss } from './pg-boss.js'
import { pgPromise } from './pg-promise.js'
import { pg, pgCursor, pgQueryStream } from './pg.js'
import {
  childProcess,
  events,
  http,
  http2,
  streamPromises,
  timersPromises,
  web,
} from './platform.js'
import { libraryIn, type Project } from './project.js'
import { postgresJs } from './postgres-js.js'
import { prisma } from './prisma.js'
import { react } from './react.js'
import { redis } from './redis.js'
import { runtime } from './runtime.js'
import { sequelize } from './sequelize.js'
import { slonik } from './slonik.js'
import { trpc, trpcContext } from './trpc.js'
import { typeorm } from './typeorm.js'
import { astro, reactRouter, sveltekit } from './web-frameworks.js'
import { socketIo, ws } from './web-sockets.js'
import type { Descriptor, Entity, Library, Member } from './types.js'

export const libraries: readonly Library[] = [
  pg,
  pgCursor,
  pgQueryStream,
  prisma,
  typeorm,
  knex,
  objection,
  drizzle,
  drizzlePostgresJs,
  kysely,
  mikroOrm,
  sequelize,
  postgresJs,
  pgPromise,
  slonik,
  mysql2,
  mongodb,
  mongoose,
  redis,
  axios,
  nestAxios,
  got,
  ky,
  undici,
  express,
  fastify,
  hono,
  koa,
  elysia,
  hapi,
  nest,
  nestJobs,
  nestCqrs,
  tsoa,
  routingControllers,
  inversifyExpress,
  inversify,
  tsyringe,
  passport,
  h3,
  socketIo,
  ws,
  trpc,
  trpcContext,
  graphql,
  apolloServer,
  graphqlYoga,
  pothos,
  typeGraphql,
  lambda,
  bullmq,
  nestBullmq,
  pgBoss,
  graphileWorker,
  nodeCron,
  cron,
  agenda,
  grpc,
  next,
  reactRouter,
  sveltekit,
  astro,
  http,
  http2,
  web,
  timersPromises,
  events,
  streamPromises,
  childProcess,
  util,
  fsPromises,
  fs,
  readlinePromises,
  awilix,
  react,
  runtime,
]

/** The catalog in the forms in which it is asked. */
export interface Catalog {
  readonly libraries: readonly Library[]
  byModule(module: string): Library | undefined
  byName(name: string): Library | undefined
  /** The export of a library module, as an import of it sees it. */
  exportOf(module: string, name: string): Descriptor | undefined
  global(name: string): { library: Library; descriptor: Descriptor } | undefined
  /** An export that a library generates, whatever the module's path. */
  generated(name: string): { library: Library; descriptor: Descriptor } | undefined
  /** The library whose types a package declares. */
  byTypePackage(name: string): Library | undefined
  /** Names of members and functions that can be sinks, entry points or transactions: all other calls are passed over. */
  readonly gate: ReadonlySet<string>
  /** Of these, the names of some of the libraries. */
  gateOf(libraries: Iterable<Library>): ReadonlySet<string>
  /** Names of members that call functions which they are given. */
  readonly callers: ReadonlySet<string>
  /** Whether the project is known to have a package that is not asked for by its imports alone. */
  has(name: string): boolean
  /** Names of what takes maps of handlers. */
  readonly mapping: ReadonlySet<string>
  /** Names of what keeps the members of a value that it is given. */
  readonly keeping: ReadonlySet<string>
}

/** Of the libraries as they are in a project, or as they are in their newest version. */
export function createCatalog(extra: readonly Library[] = [], project?: Project): Catalog {
  const known = [...extra, ...libraries]
  const all = project ? known.map((each) => libraryIn(each, project)) : known
  const modules = new Map<string, Library>()
  const names = new Map<string, Library>()
  const globals = new Map<string, { library: Library; descriptor: Descriptor }>()
  const generated = new Map<string, { library: Library; descriptor: Descriptor }>()
  const typePackages = new Map<string, Library>()
  const callers = new Set<string>()
  const mapping = new Set<string>()
  const keeping = new Set<string>()
  for (const library of all) {
    names.set(library.name, names.get(library.name) ?? library)
    for (const module of library.modules) modules.set(module, modules.get(module) ?? library)
    for (const name of [...library.modules, ...(library.typePackages ?? [])])
      typePackages.set(name, typePackages.get(name) ?? library)
    for (const [name, descriptor] of Object.entries(library.globals ?? {}))
      globals.set(name, { library, descriptor })
    for (const [name, descriptor] of Object.entries(library.generated ?? {}))
      generated.set(name, { library, descriptor })
    for (const entity of Object.values(library.entities))
      for (const [name, member] of Object.entries(entity.members ?? {})) {
        if (member.callbacks || member.entry) callers.add(name)
        if (member.entry?.mapKeys ?? member.entry?.mapArgument) mapping.add(name)
      }
  }
  for (const library of all)
    for (const [name, descriptor] of exportsIn(library)) {
      const { entry, keeps } = calling(descriptor, library, names) ?? {}
      if (entry?.mapKeys ?? entry?.mapArgument) mapping.add(name)
      if (keeps !== undefined) keeping.add(name)
    }
  const gateOf = (some: Iterable<Library>) =>
    new Set([...some].flatMap((library) => gatedNames(library, names)))
  return {
    libraries: all,
    byModule: (module) => modules.get(module),
    byName: (name) => names.get(name),
    exportOf: (module, name) => {
      const library = modules.get(module)
      if (!library) return undefined
      const own = library.exportsOf?.[module]
      if (own && Object.hasOwn(own, name)) return own[name]
      return Object.hasOwn(library.exports, name) ? library.exports[name] : undefined
    },
    global: (name) => globals.get(name),
    generated: (name) => generated.get(name),
    byTypePackage: (name) => typePackages.get(name),
    has: (name) => project?.versions.has(name) === true,
    gate: gateOf(all),
    gateOf,
    callers,
    mapping,
    keeping,
  }
}

function gatedNames(library: Library, names: ReadonlyMap<string, Library>): readonly string[] {
  const members = Object.values(library.entities).flatMap((each) =>
    Object.entries<Member>(each.members ?? {}),
  )
  return [
    ...members.flatMap(([name, { sink, entry, transaction, store }]) =>
      sink || entry || transaction || store ? [name] : [],
    ),
    ...exportsIn(library).flatMap(([name, descriptor]) =>
      calling(descriptor, library, names)?.entry ? [name] : [],
    ),
  ]
}

/** Exports of all modules of a library. */
function exportsIn(library: Library): readonly (readonly [string, Descriptor])[] {
  const lists = [library.exports, ...Object.values(library.exportsOf ?? {})]
  return lists.flatMap((each) => Object.entries(each))
}

/** What calling an export does, or making an instance of it. */
function calling(
  descriptor: Descriptor,
  own: Library,
  names: ReadonlyMap<string, Library>,
): Member | undefined {
  for (const part of parseDescriptor(descriptor)) {
    if (part.k !== 'instance' && part.k !== 'class') continue
    const library = part.library === undefined ? own : names.get(part.library)
    const entity = library && entityOf(library, part.entity)
    const member = part.k === 'class' ? entity?.construct : entity?.call
    if (member) return member
  }
  return undefined
}

export function entityOf(library: Library, name: string): Entity | undefined {
  return Object.hasOwn(library.entities, name) ? library.entities[name] : undefined
}

const promiseMembers = new Set(['then', 'catch', 'finally'])

/** What an entity, or the nearest of those it extends, says under a key. */
export function traitOf<
  K extends
    'call' | 'construct' | 'tag' | 'awaited' | 'resolves' | 'stored' | 'prefixed' | 'lasting',
>(library: Library, entityName: string, key: K): Entity[K] | undefined {
  for (let entity = entityOf(library, entityName); entity;) {
    if (entity[key] !== undefined) return entity[key]
    entity = entity.extends === undefined ? undefined : entityOf(library, entity.extends)
  }
  return undefined
}

/** `getPosts` has the prefix `get`. */
export function isPrefixed(prefixes: readonly string[], name: string): boolean {
  return prefixes.some((each) => name.startsWith(each) && /^[A-Z]/.test(name.slice(each.length)))
}

/** A member of an entity or of what it extends. */
export function memberOf(library: Library, entityName: string, name: string): Member | undefined {
  for (let entity = entityOf(library, entityName); entity;) {
    const members = entity.members
    if (members && Object.hasOwn(members, name)) return members[name]
    if (entity.others !== undefined && !promiseMembers.has(name)) return { returns: entity.others }
    const ending = Object.keys(entity.endings ?? {}).find((each) => name.endsWith(each))
    if (ending !== undefined) return { type: entity.endings?.[ending] ?? 'any' }
    if (entity.properties !== undefined && !promiseMembers.has(name))
      return { type: entity.properties }
    entity = entity.extends === undefined ? undefined : entityOf(library, entity.extends)
  }
  return undefined
}
