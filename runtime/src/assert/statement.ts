import type { ObserverClient } from './observer.js'

/** A statement that is about to be sent, whichever driver sends it. */
export interface Statement {
  /**
   * Sends `sql` ahead of it, on its connection, and keeps the answer from it.
   *
   * @returns what is to be called when the statement has been sent.
   */
  gate(sql: string): (() => void) | undefined
  /** Another client of the same database, not connected yet. For a statement that has a gate. */
  connectBeside(): Promise<ObserverClient>
}

/** What is sent ahead of a statement. */
export interface Gated {
  readonly sql: string
  /** Called when it is known how to connect to the same database. */
  readonly connected: (connect: () => ObserverClient) => void
}
