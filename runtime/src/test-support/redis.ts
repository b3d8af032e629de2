import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from 'vitest'

/** Whether a Redis server can be started here; Debian's package is `redis-server`. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0

/** A Redis server of the calling test file, which keeps nothing on disk. */
export function useRedis(): {
  readonly connection: { readonly host: string; readonly port: number }
} {
  const connection = { host: '127.0.0.1', port: 0 }
  let stop: (() => Promise<unknown>) | undefined
  beforeAll(async () => {
    connection.port = await freePort()
    const options = ['--port', String(connection.port), '--bind', connection.host, '--save', '']
    const server = spawn('redis-server', options, { stdio: 'ignore' })
    stop = () => {
      const exited = once(server, 'exit')
      server.kill()
      return exited
    }
    await untilListening(connection.port)
  })
  afterAll(() => stop?.())
  return { connection }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await sleep(20)
    } finally {
      socket.destroy()
    }
  }
}
