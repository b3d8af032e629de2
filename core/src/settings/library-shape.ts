import type { Library } from '../catalog/types.js'
import {
  byKind,
  flag,
  integer,
  list,
  named,
  object,
  oneOf,
  position,
  record,
  text,
  type Shape,
} from './shape.js'

/**
 * A library of the configuration. A slip in it would not fail later, it would recognise nothing, so all of it
 * is checked.
 */
export const ownLibrary: Shape = {
  find: (value, at) => libraryShape(entityNames(value)).find(value, at),
  schema: (define) => libraryShape(new Set()).schema(define),
}

function entityNames(value: unknown): ReadonlySet<string> {
  const entities = (value as Partial<Library> | null)?.entities
  return new Set(typeof entities === 'object' ? Object.keys(entities) : [])
}

const carrier = named(
  'carrier',
  byKind({
    option: object(
      {
        kind: text,
        arg: position,
        key: text,
        lift: list(text),
        orFirst: flag,
        skips: flag,
        text,
        also: record(text),
        native: flag,
      },
      ['arg', 'key'],
    ),
    argument: object({ kind: text, arg: integer }, ['arg']),
    wrap: object({ kind: text }),
    none: object({ kind: text, why: text }, ['why']),
  }),
)

const sink = named(
  'sink',
  object(
    {
      carriers: list(carrier),
      effect: oneOf('cancels', 'runs-on', 'closes', 'local'),
      sql: integer,
      onlyInScope: flag,
      onlyBySignal: flag,
      bounded: flag,
      streams: flag,
      batch: integer,
      fluent: flag,
      unlessCallback: flag,
    },
    ['carriers', 'effect'],
  ),
)

const request = object(
  {
    module: text,
    named: text,
    native: text,
    part: text,
    behind: text,
    optional: flag,
    broken: object({ path: text, methods: list(text), why: text }, ['path', 'methods', 'why']),
  },
  ['module'],
)

const establish = object(
  { module: text, name: text, method: text, called: flag, covers: list(text), chained: flag },
  ['module', 'name', 'method', 'called'],
)

const decorator = object({
  method: text,
  parameter: object({ module: text, decorator: text, request: text, byName: flag }, [
    'module',
    'decorator',
  ]),
  undecorated: list(text),
})

const when = object({ arg: integer, is: list(text) }, ['arg', 'is'])

const evidence = object({ what: text, where: text, since: text })

function libraryShape(entities: ReadonlySet<string>): Shape {
  const descriptor = descriptorOver(entities)
  const entry = named(
    'entry',
    object(
      {
        events: list(text),
        from: integer,
        request: integer,
        requestByOption: flag,
        requestWithArity: record(integer),
        params: list(descriptor),
        paramsWithArity: record(list(descriptor)),
        handlerKeys: list(text),
        onlyKeys: flag,
        mapKeys: list(text),
        mapArgument: flag,
        mapDepth: integer,
        requestAt: record(integer),
        receiver: descriptor,
        method: text,
        methodKey: text,
        pathKey: text,
      },
      ['from', 'request', 'params'],
    ),
  )
  const convention = object(
    {
      files: text,
      exports: list(text),
      directive: text,
      unless: text,
      entry,
      components: flag,
      given: text,
      library: text,
    },
    ['exports', 'entry'],
  )
  const callback = object(
    { arg: position, key: text, params: list(descriptor), deferred: flag, when },
    ['arg', 'params'],
  )
  const member = named(
    'member',
    object({
      type: descriptor,
      returns: descriptor,
      callbacks: list(callback),
      sink,
      entry,
      derives: oneOf('fresh', 'arguments', 'request'),
      transaction: flag,
      receiver: descriptor,
      keeps: text,
      store: oneOf('put', 'take'),
      memoises: flag,
      promisifies: flag,
      provides: text,
      provided: flag,
      cancels: flag,
      mixes: flag,
      ownClass: text,
    }),
  )
  const entity = named(
    'entity',
    object({
      signalKey: text,
      extends: text,
      members: record(member),
      others: descriptor,
      properties: descriptor,
      endings: record(descriptor),
      stored: flag,
      lasting: flag,
      typed: text,
      prefixed: object({ prefixes: list(text), member }, ['prefixes', 'member']),
      call: member,
      construct: member,
      tag: member,
      awaited: sink,
      resolves: descriptor,
      request,
      establish,
      surrounds: flag,
      handler: entry,
      overrides: record(entry),
      params: list(descriptor),
      decorator,
      handedWith: integer,
      marksRequest: flag,
      injects: flag,
      plugin: object({ of: descriptor, folder: text }, ['of']),
    }),
  )
  return object(
    {
      name: text,
      kind: oneOf('database', 'downstream', 'framework', 'platform', 'runtime'),
      modules: list(text),
      typePackages: list(text),
      evidence: list(evidence),
      exports: record(descriptor),
      exportsOf: record(record(descriptor)),
      conventions: object({ packages: list(text), calls: list(convention) }, ['packages', 'calls']),
      mounts: record(text),
      globals: record(descriptor),
      generated: record(descriptor),
      clients: list(text),
      setup: text,
      setupFirst: flag,
      surround: object(
        { module: text, name: text, as: oneOf('wrapper', 'decorator'), always: flag },
        ['module', 'name', 'as'],
      ),
      entities: record(entity),
      calls: list(
        object({ files: text, names: list(text), params: list(descriptor) }, [
          'files',
          'names',
          'params',
        ]),
      ),
      variants: list(
        object(
          {
            when: object({
              package: text,
              from: text,
              before: text,
              without: text,
              withOneOf: list(text),
              runtime: flag,
            }),
            what: text,
            entities: record(entity),
          },
          ['when', 'what', 'entities'],
        ),
      ),
    },
    ['name', 'kind', 'modules', 'exports', 'entities'],
  )
}

const descriptorWord = /^(?:class|new|module|self|any|Promise|Array|arg\d(?:\(\))?|T\d|type\d)$/

/** A descriptor that names an entity of the same library must find it there. */
function descriptorOver(entities: ReadonlySet<string>): Shape {
  return {
    find(value, at) {
      if (typeof value !== 'string') return text.find(value, at)
      const words = value.split(/[\s|<>]+/).filter((word) => word !== '')
      const unknown = words.find((word) => !isKnown(word, entities))
      if (unknown === undefined) return undefined
      return `"${at}" names "${unknown}", which is not among the entities of the library: ${[...entities].join(', ')}`
    },
    schema: text.schema,
  }
}

function isKnown(word: string, entities: ReadonlySet<string>): boolean {
  return word.includes('#') || descriptorWord.test(word) || entities.has(word)
}
