/** A stream that postgres.js made for COPY, with what its class keeps for those that derive from it. */
interface Stream {
  destroy: (error?: Error) => unknown
  push?: (chunk: unknown) => boolean
  writableEnded?: boolean
  _read?: () => void
  _write?: (chunk: unknown, encoding: unknown, written: () => void) => void
  _destroy: (error: Error, done: (error?: Error | null) => void) => void
}

export function isCopyStream(value: unknown): value is Stream {
  return typeof (value as Partial<Stream> | undefined)?._destroy === 'function'
}

/** COPY, which its signal has to end from this side: a backend that waits for the client looks at no cancel. */
export class CopyStream {
  readonly #stream: Stream
  #destroy: ((error: Error) => void) | undefined
  /** Whoever reads has not been told yet that there is an end, and will not get all the rows. */
  hasDropped = false

  constructor(stream: Stream) {
    this.#stream = stream
  }

  /** Rows that come are dropped from now on, and a server that waits for rows is told that none will come. */
  cut(reason: unknown): void {
    const stream = this.#stream
    if (this.#destroy !== undefined) return
    const { destroy } = stream
    this.#destroy = (error) => destroy.call(stream, error)
    if (stream._write === undefined) {
      this.hasDropped = true
      // The server's error would be shown first.
      stream.destroy = () => stream
      stream.push = () => true
      stream._read?.()
      return
    }
    // What was written completely may be cancelled, and no more.
    if (stream.writableEnded === true) return
    const error = reason instanceof Error ? reason : new Error('the signal aborted')
    // CopyFail, which ends the statement; the stream hears of it when that has been confirmed.
    stream._destroy(error, () => undefined)
    // The connection serves others by then.
    stream._write = (_chunk, _encoding, written) => {
      written()
    }
    stream._destroy = (failure, done) => {
      done(failure)
    }
  }

  /** The statement is over: whoever reads or writes is told. */
  end(error: unknown): void {
    this.#destroy?.(error as Error)
  }
}
