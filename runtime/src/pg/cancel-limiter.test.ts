import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { takeCancelTurn } from './cancel-limiter.js'

it('lets eight cancels at a time through to a server, and others in order', async () => {
  let inFlight = 0
  let most = 0
  const order: number[] = []
  const cancel = async (n: number, server: string): Promise<void> => {
    const endTurn = await takeCancelTurn(server)
    if (server === 'a') {
      order.push(n)
      inFlight += 1
      most = Math.max(most, inFlight)
    }
    await turn()
    if (server === 'a') inFlight -= 1
    endTurn()
  }
  const numbers = Array.from({ length: 1_000 }, (_, n) => n)
  await Promise.all([...numbers.map((n) => cancel(n, 'a')), ...numbers.map((n) => cancel(n, 'b'))])
  expect(most).toBe(8)
  expect(order).toEqual(numbers)
})
