import { AbortError } from '../errors.js'
import { isDataLoader, separateCallers } from './merged-reads.js'

/** The part of Prisma's client through which all requests go, which is not public. */
interface RequestHandler {
  readonly dataloader?: unknown
  handleRequestError?: (failed: { readonly error?: unknown }) => unknown
  [KEEPS_ABORTS]?: true
}

const KEEPS_ABORTS: unique symbol = Symbol.for('@ctx-fix/runtime.prisma.keeps-aborts:1')

/**
 * Makes a client heed the signal of each of its callers, and tell them of aborts as other clients do. Doing it
 * again does nothing.
 *
 * @returns whether `client` is one of Prisma's, extended ones included.
 */
export function instrumentPrisma(client: object): boolean {
  const handler = (client as { _requestHandler?: RequestHandler })._requestHandler
  if (handler === undefined || !isDataLoader(handler.dataloader)) return false
  separateCallers(handler.dataloader)
  keepAborts(handler)
  return true
}

/**
 * Leaves the error of an abort as it is: Prisma takes its `code` for one of its own, and would put an error in its
 * place that says nothing of the outcome.
 */
function keepAborts(handler: RequestHandler): void {
  const original = handler.handleRequestError?.bind(handler)
  if (original === undefined || handler[KEEPS_ABORTS]) return
  Object.defineProperty(handler, KEEPS_ABORTS, { value: true })
  handler.handleRequestError = (failed) => {
    const { error } = failed
    if (error instanceof AbortError) throw error
    return original(failed)
  }
}
