/** How many CancelRequests one server gets at a time: each costs it a fork, and TLS a handshake. */
const MAX_IN_FLIGHT = 8

interface Lane {
  inFlight: number
  readonly waiting: (() => void)[]
}

const lanes = new Map<string, Lane>()

/**
 * Waits for a turn at `server`, so that a thousand clients that go away together do not become a
 * thousand forks. Call what it resolves with when the turn is over.
 */
export async function takeCancelTurn(server: string): Promise<() => void> {
  let lane = lanes.get(server)
  if (lane === undefined) {
    lane = { inFlight: 0, waiting: [] }
    lanes.set(server, lane)
  }
  const taken = lane
  if (taken.inFlight >= MAX_IN_FLIGHT) {
    await new Promise<void>((resolve) => taken.waiting.push(resolve))
  } else {
    taken.inFlight += 1
  }
  return () => {
    const next = taken.waiting.shift()
    if (next !== undefined) {
      next()
      return
    }
    taken.inFlight -= 1
    if (taken.inFlight === 0) lanes.delete(server)
  }
}
