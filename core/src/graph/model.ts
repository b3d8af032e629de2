import type { Library, SignalParameter, Sink } from '../catalog/types.js'
import type { CallSite, ExprId, FnId, Span } from '../facts/types.js'
import type { Certainty } from '../resolve/values.js'
import type { SinkStatus } from '../findings/report.js'
import type { Shift } from './shifted.js'
import type { Given } from './given.js'
import type { Slot } from './slots.js'

/** A function of the program. */
export interface FnRef {
  readonly file: string
  readonly fn: FnId
}

export type FnKey = string

export function fnKey(ref: FnRef): FnKey {
  return `${ref.file}\0${ref.fn}`
}

/** Where a framework is given a map of handlers: `resolvers` of `new ApolloServer({ typeDefs, resolvers })`. */
export interface MapHolder {
  readonly file: string
  readonly expr: ExprId
}

/** A function that a framework calls with a request or a job. */
export interface EntryPoint extends FnRef {
  readonly library: string
  /** `GET /users/:id`, as far as it is written. */
  readonly title: string
  readonly method: string | undefined
  /** Position of the request among the parameters, and the runtime module that derives a signal from it. */
  readonly request: number
  readonly module: string
  /** What a parameter for the request is to be called. */
  readonly named?: string
  /** Path of the platform's own signal, where that is the one to use. */
  readonly native?: string
  /** Member that the signal can be had from where the request is taken apart. */
  readonly part?: string
  /** The parameter behind the request that the runtime needs as well. */
  readonly behind?: string
  /** How the function is given a signal, or its request, by a parameter of its own. */
  readonly parameter?: SignalParameter
  /** The calls that register it. */
  readonly registeredBy?: readonly { readonly file: string; readonly site: CallSite }[]
  /** The maps of handlers that a framework is given, where it is one of those. */
  readonly holders?: readonly MapHolder[]
  /** The runtime finds the request by itself, where none is at hand. */
  readonly optional?: boolean
  /** It is given the request only where an option says so. */
  readonly byOption?: boolean
  /** Registered by a call or marked by a type: both are entry points, but only a registration fixes the signature. */
  readonly registered: boolean
}

export interface SinkUse {
  readonly library: Library
  readonly api: string
  readonly spec: Sink
  /** How sure it is that the receiver is the library's. */
  readonly by: Certainty
  readonly sql: 'completion' | 'opening' | 'work' | undefined
}

/** A call, or a reference to a function that something else calls, that the analysis has an opinion on. */
export interface CallNode {
  readonly id: number
  readonly file: string
  readonly expr: ExprId
  readonly site: CallSite
  /** The function that the call stands in. */
  readonly fn: FnId
  readonly kind: 'call' | 'reference'
  readonly callee: Span
  readonly name: string
  readonly targets: readonly FnRef[]
  readonly sink: SinkUse | undefined
  readonly slot: Slot | undefined
  readonly given: Given
  /** Nobody waits for it: `void call()`, a promise left alone, or one with nothing but a `catch`. */
  readonly unawaited: boolean
  /** Where the call has the arguments, if not in their places. */
  readonly shift?: Shift
  /** The call, by its id, that runs this one as a part of itself: `$transaction([…])`. */
  readonly partOf?: number
  /** Only for a reference: what the function is handed to, which decides what arguments it will get. */
  readonly consumer?: 'iteration' | 'promise' | 'own' | 'foreign'
}

/** A signal, or something a signal can be had from, that a call could pass on. */
export interface SignalSource {
  readonly kind: 'binding' | 'member' | 'this' | 'pattern' | 'request' | 'callback'
  /** The expression that gives the signal, as it would be written at the call. */
  readonly text: string
  /** The function that holds it. */
  readonly fn: FnId
  /** Functions between the call and it: 0 is the call's own. */
  readonly depth: number
  /** How many signals it is derived from, one on the other; below zero one that the function made for itself. */
  readonly rank: number
  readonly nullish: { readonly undefined: boolean; readonly null: boolean }
  readonly certainty: Certainty
  /** The work goes on after the function that holds the signal has returned. */
  readonly deferred: boolean
  /** A nearer name of the same spelling is no signal: what is at hand cannot be written here. */
  readonly hidden?: boolean
  /** Only for `request`: the runtime's module for it, and how to write a signal without the runtime. */
  readonly request?: RequestAccess
  /** Only for `pattern`: where the destructuring would have to grow. */
  readonly pattern?: { readonly fn: FnId; readonly param: number; readonly key: string }
  /** Only for `callback`: the parameter that the callback would have to declare. */
  readonly callback?: {
    readonly fn: FnId
    readonly index: number
    /** What is written behind the name where nothing else gives the parameter its type. */
    readonly annotation?: string
  }
}

export interface RequestAccess {
  /** Member of the named parameter that is the request, where it is another that is taken. */
  readonly member?: string
  readonly module: string
  /** `request.signal`, where the platform's own is right. */
  readonly native: string | undefined
  /** The parameter to derive from, or undefined where the handler has yet to declare it. */
  readonly param: string | undefined
  readonly index: number
  readonly fn: FnId
  /** How to declare the parameter. */
  readonly named?: string
  /** The member of a request taken apart, and the name that it has there or is to be given. */
  readonly part?: {
    readonly key: string
    readonly local: string | undefined
    /** As a member of a type, where the type that is written at the parameter has none of the name. */
    readonly missing?: string
  }
  /** The parameter is a pattern, in whose place a name has to stand for the whole. */
  readonly isTakenApart?: boolean
  /** The parameter behind it that is given to the runtime too. */
  readonly behind?: string
  /** No parameter is needed: the runtime finds the request by itself. */
  readonly optional?: boolean
  /** The handler is given it only where an option says so. */
  readonly byOption?: boolean
  /** What is taken is the signal itself. */
  readonly isSignal?: boolean
  /** The parameter that gives the signal, or the request, where the handler has none to derive it from. */
  readonly parameter?: SignalParameter & { readonly annotation: string; readonly optional: boolean }
}

export interface JudgedCall {
  readonly node: CallNode
  readonly status: SinkStatus | 'forwarded' | 'silent'
  readonly sources: readonly SignalSource[]
}
