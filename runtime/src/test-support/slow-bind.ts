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
  const { stream } = (client as unknown as Wire).connection
  const write = stream.write.bind(stream)
  let queue: Promise<unknown> = Promise.resolve()
  stream.write = (bytes) => {
    const wait = bytes[0] === BIND ? delayMs : 0
    queue = queue.then(async () => {
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
      write(bytes)
    })
    return true
  }
}
