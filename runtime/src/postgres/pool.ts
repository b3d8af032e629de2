import type { PostgresConnection, PostgresOptions, PostgresQueue } from './query.js'
import { sharedPostgres } from './shared.js'

const { pools } = sharedPostgres

/** What can be seen of the connections of one client, which postgres.js 3.4 keeps to itself. */
export class Pool {
  /** Every connection that has been seen. Those that nothing has come over yet cannot be. */
  readonly #seen = new Set<PostgresConnection>()
  readonly #live = new Set<PostgresConnection>()
  readonly #max: number
  /** Told when a connection has been opened, has closed, or is idle. */
  #watchers: (() => void)[] = []
  #open: PostgresQueue | undefined
  #connecting: PostgresQueue | undefined
  #closing: number | undefined

  constructor(options: PostgresOptions) {
    this.#max = options.max
    const { onclose } = options
    options.onclose = (id) => {
      this.#closed(id)
      onclose?.(id)
    }
  }

  /** Not where all that could carry a statement has yet to be opened. */
  get isConnected(): boolean {
    return this.#live.size > 0
  }

  get hasIdle(): boolean {
    return (this.#open?.length ?? 0) > 0
  }

  get isConnecting(): boolean {
    return (this.#connecting?.length ?? 0) > 0
  }

  /** There may be a connection that is closed, and that nobody opens. */
  get mayGrow(): boolean {
    const connecting = this.#connecting
    const opened = [...this.#live].filter(({ queue }) => queue !== connecting).length
    return opened + (connecting?.length ?? 0) < this.#max
  }

  get isAllSeen(): boolean {
    return this.#seen.size >= this.#max
  }

  /** @param isNew it is being opened. */
  see(connection: PostgresConnection, isNew: boolean): void {
    this.#live.add(connection)
    if (isNew) this.#connecting = connection.queue
    if (!this.#seen.has(connection)) {
      this.#seen.add(connection)
      const { idleTimer } = connection
      const { start } = idleTimer
      // Called when the connection has become idle, and only then.
      idleTimer.start = (...args) => {
        this.#open = connection.queue
        this.#changed()
        start(...args)
      }
    }
    this.#changed()
  }

  /** Whether `connection` has closed just now: who opens it then is postgres.js itself, for whoever waits. */
  hasJustClosed({ id }: PostgresConnection): boolean {
    return this.#closing === id
  }

  change(): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push(resolve)
    })
  }

  #closed(id: number): void {
    for (const connection of this.#live) {
      if (connection.id === id) this.#live.delete(connection)
    }
    this.#closing = id
    queueMicrotask(() => {
      this.#closing = undefined
    })
    this.#changed()
  }

  #changed(): void {
    const watchers = this.#watchers
    this.#watchers = []
    for (const watcher of watchers) watcher()
  }
}

export function poolOf(options: PostgresOptions): Pool {
  const known = pools.get(options)
  if (known !== undefined) return known
  const pool = new Pool(options)
  pools.set(options, pool)
  return pool
}
