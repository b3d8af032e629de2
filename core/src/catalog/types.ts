/**
 * The catalog is data: what a library's values are, which of their members do I/O, and how a signal
 * reaches them. One file a library, shaped like the library's own API.
 *
 * A `Descriptor` says what a value is:
 * - `Pool`            an instance of the entity `Pool` of the same library
 * - `class Pool`      the class itself: `new` makes a `Pool`, and it can be extended
 * - `module`          the library's namespace
 * - `Promise<Pool>`   a promise, `Array<Pool>` an array
 * - `self`            the receiver
 * - `new self`        an instance of the class that the receiver is
 * - `arg0`            the value of the first argument
 * - `new arg0`        an instance of the class given as first argument
 * - `arg0()`          what calling the first argument gives
 * - `T0`              the receiver's first type argument
 * - `type0`           the call's first type argument, of a function what it gives: `context<typeof createContext>()`
 * - `Repository<T0>`  an instance with type arguments
 * - `express#Request` an entity of another library
 * Alternatives are joined with ` | `.
 */
export type Descriptor = string

/** How a sink or another callee takes a signal. */
export type Carrier =
  /**
   * A key of an options object at argument `arg` (negative: from the end, of the arguments that may be given).
   * `lift` names the keys that positional arguments before it become where there is no object yet:
   * `query(text, values)` is `query({ text, values, signal })`.
   */
  | {
      readonly kind: 'option'
      readonly arg: number | 'last'
      readonly key: string
      readonly lift?: readonly string[]
      /** Alone, or before a callback, the first argument may be the options object: `axios({ url })`. */
      readonly orFirst?: boolean
      /** The argument before it may be left out: `spawn(file, { cwd })`. */
      readonly skips?: boolean
      /** Further properties that the signal is of no use without. */
      readonly also?: Readonly<Record<string, string>>
      /** The key that text in the place of the object stands for: `readFile(path, 'utf8')`. */
      readonly text?: string
      /** The library itself declares the option: passing it needs no certainty of whose value the receiver is. */
      readonly native?: boolean
    }
  /** A positional argument. */
  | { readonly kind: 'argument'; readonly arg: number }
  /** Only by the ambient signal of `withSignal(signal, () => call)`. */
  | { readonly kind: 'wrap' }
  | { readonly kind: 'none'; readonly why: string }

/** What the server does when the signal aborts. */
export type Effect = 'cancels' | 'runs-on' | 'closes' | 'local'

export interface Sink {
  readonly carriers: readonly Carrier[]
  readonly effect: Effect
  /** Argument that holds the SQL text, or a config object with `text`: decides what is exempt by keyword. */
  readonly sql?: number
  /** Reported only where a signal is in scope: waiting that is no I/O by itself. */
  readonly onlyInScope?: boolean
  /** The library gives it up after a time of its own: no deadline is missing where no signal is at hand. */
  readonly bounded?: boolean
  /** A request alone is no reason to report it: only a signal that is there already. */
  readonly onlyBySignal?: boolean
  /** The result is read later, by iteration or events: a wrapper around the call does not bind it. */
  readonly streams?: boolean
  /** Argument that holds calls which run as parts of this one: `$transaction([a(), b()])`. */
  readonly batch?: number
  /** What is called on the result goes on with the same query: `user.findUnique(…).posts()`. */
  readonly fluent?: boolean
  /** With a callback the call does no I/O that is not the callback's: `$transaction(fn)`. */
  readonly unlessCallback?: boolean
}

/** Registers functions that the framework calls with a request or a job. */
export interface Entry {
  /** Only where the first argument is one of these strings: `server.on('request', listener)`. */
  readonly events?: readonly string[]
  /** First argument that can be a handler. */
  readonly from: number
  /** Position of the request among the handler's parameters, by the handler's declared arity where that matters. */
  readonly request: number
  readonly requestWithArity?: Readonly<Record<number, number>>
  /** An option of what it is given to puts the request in front of its parameters. */
  readonly requestByOption?: true
  /** What a handler's parameters are. */
  readonly params: readonly Descriptor[]
  readonly paramsWithArity?: Readonly<Record<number, readonly Descriptor[]>>
  /** Key of an options object that holds the handler. */
  readonly handlerKeys?: readonly string[]
  /** Handlers stand under those keys alone: a function that is itself an argument is none. */
  readonly onlyKeys?: true
  /**
   * Keys of an options object that hold maps of maps of handlers: `resolvers: { Query: { user() {} } }`. In
   * the place of a handler an object may stand that has it under one of the `handlerKeys`.
   */
  readonly mapKeys?: readonly string[]
  /** An argument is itself such a map. */
  readonly mapArgument?: boolean
  /** How many keys lead to a handler: 2 unless set, 1 for `{ sendMail() {} }`. */
  readonly mapDepth?: number
  /** Position of the request in handlers of a map that have these keys. */
  readonly requestAt?: Readonly<Record<string, number>>
  /** What `this` is in a handler that is no arrow. */
  readonly receiver?: Descriptor
  /** The HTTP methods that the registration is for, where its name says so. */
  readonly method?: string
  /** Keys of an options object that hold the method and the path. */
  readonly methodKey?: string
  readonly pathKey?: string
}

export interface Callback {
  readonly arg: number | 'last'
  /** Key under which the argument holds it: `objectType({ fields: (t) => … })`. */
  readonly key?: string
  readonly params: readonly Descriptor[]
  /** Called after the caller has gone on: its work outlives the request. */
  readonly deferred?: boolean
  /** Only where another argument is one of these texts: the name of a hook or an event. */
  readonly when?: { readonly arg: number; readonly is: readonly string[] }
}

export interface Member {
  /** The value of the member as a property. */
  readonly type?: Descriptor
  /** What calling it gives. */
  readonly returns?: Descriptor
  readonly callbacks?: readonly Callback[]
  readonly sink?: Sink
  readonly entry?: Entry
  /** Makes a signal: fresh, from its arguments, or from a request. */
  readonly derives?: 'fresh' | 'arguments' | 'request'
  /** Opens a transaction whose callback gets the transaction's own client. */
  readonly transaction?: boolean
  /** Key of an options object whose members, or those of what a function there gives, are kept under their names. */
  readonly keeps?: string
  /** Keeps a value under a string key, or gives it back: `c.set('db', db)`, `c.get('db')`. */
  readonly store?: 'put' | 'take'
  /** What `this` is in a function that the program puts on it: `schema.statics.byName = function () {}`. */
  readonly receiver?: Descriptor
  /** Gives a function that keeps what the one given to it gives, for later callers with the same arguments. */
  readonly memoises?: boolean
  /** Gives the library's function that is its argument, with a promise in the place of the callback. */
  readonly promisifies?: boolean
  /**
   * Says what a container gives for a token, as its last argument: the token is the argument before it, or that of
   * the call that made the receiver: `bind(TOKEN).to(Users)`.
   */
  readonly provides?: 'useClass' | 'useValue' | 'useFactory' | 'useExisting'
  /** Gives what is provided under its first argument: `container.get(TOKEN)`. */
  readonly provided?: boolean
  /** Cancels the query that the receiver is: `query.cancel()`. */
  readonly cancels?: boolean
  /** Gives the receiver with the members of its first argument added, for which it is `this`. */
  readonly mixes?: boolean
  /** The static member by which the receiver's class names an own class of what is given: `static QueryBuilder`. */
  readonly ownClass?: string
}

/** A value that stands for a request: a signal can be had from it. */
export interface RequestSource {
  /** Module of the runtime that exports `requestSignal` for it. */
  readonly module: string
  /** What handlers call it, `request` where left out; with its type where nothing else gives it one: `request: Request`. */
  readonly named?: string
  /** Path of the platform's own signal, where it is right: `signal`, `req.raw.signal`. */
  readonly native?: string
  /**
   * Member that a signal can be had from as well, where a handler takes the request apart:
   * `({ input, signal }) => …`. It is the signal itself where it is also the `native` one.
   */
  readonly part?: string
  /** Name of the parameter behind it that the runtime needs as well: `requestSignal(req, res)`. */
  readonly behind?: string
  /** The runtime finds the request by itself where a handler has none at hand: `requestSignal()`. */
  readonly optional?: true
  /** Path of a signal that exists but aborts at the wrong time, with the words for it. */
  readonly broken?: {
    readonly path: string
    readonly methods: readonly string[]
    readonly why: string
  }
}

/** `@Signal() signal: AbortSignal`: a parameter that a framework fills by its decorator. */
export interface SignalParameter {
  /** Module of the runtime or of the framework, and the decorator that it exports. */
  readonly module: string
  readonly decorator: string
  /** It is filled with the request, which is to be called so: `@Req() req: object`. */
  readonly request?: string
  /** The framework looks for the decorator in the source, by its own name: it cannot be imported under another. */
  readonly byName?: true
}

/** What puts the signal around one handler, for frameworks that have no middleware: `withJobSignal(handler)`. */
export interface Surround {
  /** Module of the runtime, and its export. */
  readonly module: string
  readonly name: string
  /** A function that is given the handler, or a decorator of the method that is the handler. */
  readonly as: 'wrapper' | 'decorator'
  /** Also where signals are parameters: without it the library has no signal to derive from. */
  readonly always?: true
}

/** How an application puts the signal of each request around its handlers: `app.use(ctxSignal())`. */
export interface Establish {
  /** Module of the runtime, and its export. */
  readonly module: string
  readonly name: string
  /** Method of the application that takes it. */
  readonly method: string
  /** Whether the export is called, or handed over as it is. */
  readonly called: boolean
  /** Frameworks that it is built on: handlers that are known by the types of these run inside it. */
  readonly covers?: readonly string[]
  /** The value is a builder: it goes into the chain where that starts, `t.procedure.use(ctxSignal())`. */
  readonly chained?: true
}

export interface Entity {
  /** It is an options object, and this is the key of its signal. */
  readonly signalKey?: string
  readonly extends?: string
  readonly members?: Readonly<Record<string, Member>>
  /** What calling any member that is not named here gives: builders return themselves. */
  readonly others?: Descriptor
  /** Members whose names the program makes up, by a prefix and a capital: `user.getPosts()`. */
  readonly prefixed?: { readonly prefixes: readonly string[]; readonly member: Member }
  /** What any member that is not named here is: `prisma.user`. */
  readonly properties?: Descriptor
  /** What members whose names end so are: `Prisma.UserDelegate`. */
  readonly endings?: Readonly<Record<string, Descriptor>>
  /** It runs until the signal ends it, long after the call that made it: a process. */
  readonly lasting?: boolean
  /** Members are what the program has put there under their names: `c.var.db`. */
  readonly stored?: boolean
  /** What the name of the value stands for as a type, where that is another entity: `import Knex from 'knex'`. */
  readonly typed?: string
  /** Calling the value itself. */
  readonly call?: Member
  /** What `new` does beyond making an instance. */
  readonly construct?: Member
  /** The value as a template tag. */
  readonly tag?: Member
  /** Awaiting the value runs it. */
  readonly awaited?: Sink
  /** What awaiting it gives. */
  readonly resolves?: Descriptor
  readonly request?: RequestSource
  readonly establish?: Establish
  /** Calling it with a function, or decorating with it, puts a signal around that function. */
  readonly surrounds?: boolean
  /** The type of a function that a framework calls: `RequestHandler`. */
  readonly handler?: Entry
  /** Methods that the library calls on classes that extend or implement this one, or that it decorates: `process(job)`. */
  readonly overrides?: Readonly<Record<string, Entry>>
  /** Parameters of a function of this type that is called with no request: `FastifyPluginAsync`. */
  readonly params?: readonly Descriptor[]
  /** As a decorator of a method it makes that an entry point; the request is what `@Req()` marks. */
  readonly decorator?: Pick<Entry, 'method'> & {
    /** The decorator of a parameter that gives such a method its signal. */
    readonly parameter?: SignalParameter
    /** What the method is given where none of its parameters is decorated, the request first. */
    readonly undecorated?: readonly Descriptor[]
  }
  /**
   * A function that declares a parameter of this type is called by the framework. Its request is the
   * parameter so many places from that one.
   */
  readonly handedWith?: number
  /** As a decorator it marks the parameter that is the request. */
  readonly marksRequest?: boolean
  /**
   * Registered with a value of this type, by a method of that: `app.register(cors)`. With `folder`, a key of the
   * options beside it, it registers what the files of that folder export.
   */
  readonly plugin?: { readonly of: Descriptor; readonly folder?: string }
  /** As a decorator it fills a parameter or field with what the program provides under the token it is given. */
  readonly injects?: boolean
}

/** Where a fact of an entry can be read, and from which version of the library it holds. */
export interface Evidence {
  readonly what: string
  readonly where: string
  readonly since: string
}

/** Functions that a framework calls by the names under which files of certain paths export them. */
export interface Conventions {
  /** Packages that a project has, or imports, where these hold. */
  readonly packages: readonly string[]
  readonly calls: readonly Convention[]
}

/** Functions of the module that a library calls with values of its own, outside of any request: migrations. */
export interface CalledByName {
  /** Regular expression over the path of a file, with slashes. */
  readonly files: string
  readonly names: readonly string[]
  readonly params: readonly Descriptor[]
}

export interface Convention {
  /** Regular expression over the path of a file, with slashes. */
  readonly files?: string
  /** Exports that are called, `*` for all; of an object its functions. */
  readonly exports: readonly string[]
  /** Only in files that begin with this, and functions that do, exported or not: `use server`. */
  readonly directive?: string
  /** Not in files that begin with this: `use client`. */
  readonly unless?: string
  readonly entry: Entry
  /** In the place of exports the async functions of the module that have a capital: components of a server. */
  readonly components?: true
  /** Only functions with a first parameter of this entity's type that nothing else in the program names. */
  readonly given?: string
  /** The library whose request it is, where that is another. */
  readonly library?: string
}

/** What the project that is looked at has installed. */
export interface Condition {
  /** A package by its version, or `node` by the oldest one that the project runs on. */
  readonly package?: string
  readonly from?: string
  readonly before?: string
  /** A package that no manifest of the project names, where there is a manifest. */
  readonly without?: string
  /** Packages of which some manifest of the project names one. */
  readonly withOneOf?: readonly string[]
  /** That signals reach the server through the runtime. */
  readonly runtime?: true
}

/** Entities that are otherwise in some projects. */
export interface Variant {
  readonly when: Condition
  /** The difference in words. */
  readonly what: string
  /** In the place of those of the same names. */
  readonly entities: Readonly<Record<string, Entity>>
  /** All that fit are applied, one after the other. */
  readonly variants?: readonly Variant[]
}

export interface Library {
  readonly name: string
  readonly kind: 'database' | 'downstream' | 'framework' | 'platform' | 'runtime'
  /** What puts the signal around a handler, where no application of the framework can. */
  readonly surround?: Surround
  /** Entities that hold the connections. Where one is made, what makes signals reach the server is imported. */
  readonly clients?: readonly string[]
  /** That import, where it is not the one for `pg`; `module#name` where this export is put around the client. */
  readonly setup?: string
  /** It has to be loaded before the library: it changes what the library makes of itself. */
  readonly setupFirst?: boolean
  /** Module specifiers that give its exports. */
  readonly modules: readonly string[]
  /** Packages that declare its types, where they are others. */
  readonly typePackages?: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly exports: Readonly<Record<string, Descriptor>>
  /** Exports that other modules than the first give: `pg-pool` exports the pool as its default. */
  readonly exportsOf?: Readonly<Record<string, Readonly<Record<string, Descriptor>>>>
  readonly conventions?: Conventions
  readonly calls?: readonly CalledByName[]
  /**
   * Modules by which it is mounted in another framework, with the name of that: what surrounds the
   * handlers of the one surrounds those of the other, where all that it is mounted in have middleware.
   */
  readonly mounts?: Readonly<Record<string, string>>
  /** Names that are there without an import. */
  readonly globals?: Readonly<Record<string, Descriptor>>
  /** Exports of modules that the library generates into the program, by names that nothing else has. */
  readonly generated?: Readonly<Record<string, Descriptor>>
  readonly entities: Readonly<Record<string, Entity>>
  /** All that fit are applied, one after the other. */
  readonly variants?: readonly Variant[]
}
