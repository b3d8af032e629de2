import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

interface Wire {
  readonly connection: { readonly stream: { write: (bytes: Uint8Array) => unknown } }
}

const BIND = 'B'.charCodeAt(0)

/**
 * Lets each Bind that `client` sends, and all behind it, reach the server `delayMs` after the Parse before it, as on a
 * busy machine or a slow network. PostgreSQL meanwhile shows a statement that is active and is not executed.
 */
export function delayBinds(client: pg.ClientBase, delayMs: number): void {
  bindAfter(client, () => sleep(delayMs))
}

/**
 * The same until it is ended.
 *
 * @returns what lets all pass.
 */
export function holdBinds(client: pg.ClientBase): () => void {
  let pass!: () => void
  const passing = new Promise<void>((resolve) => {
    pass = resolve
  })
  bindAfter(client, () => passing)
  return pass
}

function bindAfter(client: pg.ClientBase, wait: () => Promise<unknown>): void {
  const { stream } = (client as unknown as Wire).connection
  const write = stream.write.bind(stream)
  let queue: Promise<unknown> = Promise.resolve()
  stream.write = (bytes) => {
    queue = queue.then(async () => {
      if (bytes[0] === BIND) await wait()
      write(bytes)
    })
    return true
  }
}
