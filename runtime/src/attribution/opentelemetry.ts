import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { trace } from '@opentelemetry/api'
import type { QueryEvents } from './channels.js'

const CHANNEL = 'ctx:query:abort' satisfies keyof QueryEvents

/**
 * Adds an event `cancelled` to the span that was active where a statement was started, when a signal ends it:
 * with `error.type`, `ctx.outcome`, `ctx.phase`, and `db.response.status_code` where PostgreSQL answered. Names
 * after https://opentelemetry.io/docs/specs/semconv/database/. Call it once, when the process starts.
 *
 * @returns what ends it.
 */
export function traceAborts(): () => void {
  const listener = (message: unknown): void => {
    const { error } = message as QueryEvents['ctx:query:abort']
    const { code } = (error.pgError ?? {}) as { code?: unknown }
    trace.getActiveSpan()?.addEvent('cancelled', {
      'error.type': error.name,
      'ctx.outcome': error.outcome,
      ...(error.phase === undefined ? {} : { 'ctx.phase': error.phase }),
      ...(typeof code === 'string' ? { 'db.response.status_code': code } : {}),
    })
  }
  subscribe(CHANNEL, listener)
  return () => {
    unsubscribe(CHANNEL, listener)
  }
}
