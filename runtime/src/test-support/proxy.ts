import { startFaultProxy, type FaultProxy, type FaultProxyOptions } from '@ctx-fix/fixtures'
import { onTestFinished } from 'vitest'

/** A fault proxy in front of the test's PostgreSQL, and the address of the database behind it. */
export async function proxyTo(
  connectionString: string,
  options?: Pick<FaultProxyOptions, 'tls'>,
): Promise<{ proxy: FaultProxy; connectionString: string }> {
  const address = new URL(connectionString)
  const target = { host: address.hostname, port: Number(address.port) }
  const proxy = await startFaultProxy({ target, ...options })
  onTestFinished(() => proxy.close())
  address.host = `${proxy.host}:${String(proxy.port)}`
  return { proxy, connectionString: address.href }
}
