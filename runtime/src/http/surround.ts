import type { EventEmitter } from 'node:events'
import { enterSignal } from '../ambient.js'

/** The signal that surrounds what each request's events call. */
const surrounding = new WeakMap<object, AbortSignal>()

/**
 * Runs `next` with the request's signal around it, and also whatever listens to the request: the
 * parser of a body is called from the connection, which knows of no request, and what it calls in
 * turn (fastify's handlers, uploads of multer) would run with nothing around it.
 */
export function surround<T>(
  request: Pick<EventEmitter, 'emit'>,
  signal: AbortSignal,
  next: () => T,
): T {
  const isBound = surrounding.has(request)
  surrounding.set(request, signal)
  if (!isBound) {
    const emit = request.emit.bind(request)
    request.emit = (...event) =>
      enterSignal(surrounding.get(request) ?? signal, () => emit(...event))
  }
  return enterSignal(signal, next)
}
