import { onAbort } from '../abort-listeners.js'
import { currentSignal, enterSignal } from '../ambient.js'
import { clientGone } from '../deadline/client-gone.js'
import { remainingMs } from '../derive-signal.js'
import { asLedgerJob } from '../jobs/job-signal.js'
import { linkSignal, type LinkedSignal } from '../linked-signal.js'
import { sharedState } from '../shared-state.js'

export interface CallSignalOptions {
  /** Deadline in milliseconds from now, where that is earlier than the client's; the configured `requestTimeoutMs` (30,000) where left out. */
  timeoutMs?: number | undefined
}

/** The parts of a call of @grpc/grpc-js that matter here. */
interface ServerCall {
  readonly cancelled: boolean
  getDeadline(): Date | number
  getPath?(): string
  on(event: 'cancelled', listener: () => void): unknown
  /** Behind the call of every kind; not declared. */
  readonly call?: { sendStatus?: (status: { readonly code?: unknown }) => void }
}

/** The part of a call that a client makes that matters here. */
interface ClientCall {
  cancel(): void
  on(event: 'status', listener: () => void): unknown
}

type Handler = (call: never, ...rest: never[]) => unknown

const DEADLINE_EXCEEDED = 4
/** A client cancels at its own deadline, which passes there a little earlier than here. */
const SLACK_MS = 50

/**
 * The signal of a call that a gRPC server answers (@grpc/grpc-js): aborts when the client cancels or goes
 * away, and at the client's deadline, or ours where that is earlier. The same signal however often it is
 * asked for.
 *
 * A call emits `cancelled` also when it has ended well. The signal does not abort then: the status that
 * was sent tells the two apart.
 *
 * @param call the handler's first parameter, of all four kinds of calls.
 * @throws {TypeError} when it is no such call.
 */
export function requestSignal(call: object, options?: CallSignalOptions): AbortSignal {
  return linkOf(call, options).signal
}

/**
 * A handler, or all handlers of a service, with their calls' signal around them:
 * `server.addService(definition, withRequestSignal({ getBook, listBooks }))`. Of an object that is an
 * instance of a class, the handlers keep it as `this`.
 */
export function withRequestSignal<Handlers extends object>(
  handlers: Handlers,
  options?: CallSignalOptions,
): Handlers {
  if (typeof handlers === 'function') {
    return surrounded(handlers, undefined, options) as unknown as Handlers
  }
  return new Proxy(handlers, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? surrounded(value as Handler, target, options) : value
    },
  })
}

/**
 * The options of a client's call that carry the deadline of a signal to the server:
 * `client.getBook(request, metadata, callOptions(signal), callback)`. None where the signal has no deadline.
 *
 * @param signal the surrounding one where left out.
 */
export function callOptions(signal: AbortSignal | undefined = currentSignal()): {
  deadline?: Date
} {
  const left = remainingMs(signal)
  return left === Infinity ? {} : { deadline: new Date(Date.now() + left) }
}

/**
 * Cancels a client's call when `signal` aborts; the server is told. The call then ends with the status
 * CANCELLED.
 *
 * @param signal `undefined` takes the surrounding one.
 * @returns the call.
 */
export function cancelWith<Call extends object>(signal: AbortSignal | undefined, call: Call): Call {
  const source = signal ?? currentSignal()
  const client = call as unknown as ClientCall
  if (typeof client.cancel !== 'function') {
    throw new TypeError('cancelWith() takes the call that a method of a client has returned')
  }
  if (source === undefined) return call
  if (source.aborted) {
    client.cancel()
    return call
  }
  const forget = onAbort(source, () => {
    client.cancel()
  })
  client.on('status', forget)
  return call
}

function surrounded(
  handler: Handler,
  owner: object | undefined,
  options: CallSignalOptions | undefined,
): Handler {
  return function (this: unknown, call: object, ...rest: unknown[]) {
    const { signal, ended, abort } = linkOf(call, options)
    const name = `gRPC ${(call as ServerCall).getPath?.() ?? ''}`.trimEnd()
    let outcome: () => unknown = () => undefined
    const run = (): Promise<void> => {
      outcome = settled(() =>
        enterSignal(signal, () =>
          (handler as (...args: unknown[]) => unknown).apply(owner ?? this, [call, ...rest]),
        ),
      )
      return ended
    }
    void asLedgerJob(name, run, abort)
    return outcome()
  }
}

/** What `fn` returned or threw, to be had later. */
function settled<T>(fn: () => T): () => T {
  try {
    const value = fn()
    return () => value
  } catch (error) {
    return () => {
      throw error as Error
    }
  }
}

interface CallLink {
  readonly signal: AbortSignal
  /** Resolves when the call is over, however it ended. */
  readonly ended: Promise<void>
  /** As when the client goes away. */
  readonly abort: () => void
}

function linkOf(call: object, { timeoutMs }: CallSignalOptions = {}): CallLink {
  const known = sharedState.requestSignals.get(call) as CallLink | undefined
  if (known !== undefined) {
    if (timeoutMs === undefined) return known
    const deadline = sharedState.deadlines.get(known.signal) ?? Infinity
    if (deadline <= performance.now() + timeoutMs) return known
    return { ...known, signal: linkSignal([known.signal], timeoutMs).signal }
  }
  if (!isServerCall(call)) {
    throw new TypeError('requestSignal() takes the call that @grpc/grpc-js gave to the handler')
  }
  const clientsMs = Number(call.getDeadline()) - Date.now()
  const link = linkSignal(
    [],
    Math.min(clientsMs, timeoutMs ?? sharedState.defaults.requestTimeoutMs),
  )
  const abort = (): void => {
    link.abort(clientGone())
  }
  const entry = { signal: link.signal, ended: watch(call, link), abort }
  sharedState.requestSignals.set(call, entry)
  return entry
}

/** Ends the link with the call. */
function watch(call: ServerCall, link: LinkedSignal): Promise<void> {
  let isAnswered = false
  const inner = call.call
  const sendStatus = inner?.sendStatus
  if (inner !== undefined && sendStatus !== undefined) {
    inner.sendStatus = (status) => {
      // The server itself answers so when the deadline passes, while the handler goes on.
      isAnswered ||= status.code !== DEADLINE_EXCEEDED
      sendStatus.call(inner, status)
    }
  }
  return new Promise((resolve) => {
    const over = (): void => {
      if (isAnswered) link.dispose()
      // Our own timer is due as well then, and its reason is the right one.
      else if (Number(call.getDeadline()) > Date.now() + SLACK_MS) link.abort(clientGone())
      resolve()
    }
    if (call.cancelled) over()
    else call.on('cancelled', over)
  })
}

function isServerCall(value: object): value is ServerCall {
  const { cancelled, getDeadline, on } = value as Partial<ServerCall>
  return (
    typeof cancelled === 'boolean' && typeof getDeadline === 'function' && typeof on === 'function'
  )
}
