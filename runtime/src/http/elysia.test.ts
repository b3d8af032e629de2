import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { node } from '@elysiajs/node'
import { Elysia } from 'elysia'
import { onTestFinished } from 'vitest'
import { currentSignal } from '../index.js'
import { describeAdapters, type Work } from '../test-support/adapters.js'
import { requestSignal, withRequestSignal } from './web.js'

/** What the adapter for Node gives for a server; its types are those of Bun. */
interface Served {
  readonly raw: { readonly node: { readonly server: Server }; ready(): Promise<unknown> }
  readonly stop: () => Promise<void>
}

type Handler = (context: { request: Request }) => Promise<{ done: boolean }>

async function listen(handler: Handler): Promise<number> {
  const app = new Elysia({ adapter: node() }).get('/', handler).post('/', handler)
  const { raw, stop } = await new Promise<Served>((resolve) => {
    app.listen(0, (server: unknown) => {
      resolve(server as Served)
    })
  })
  onTestFinished(stop)
  await raw.ready()
  return (raw.node.server.address() as AddressInfo).port
}

const answer = async (work: Work, signal: AbortSignal | undefined) => ({
  done: (await work(signal)) !== undefined,
})

describeAdapters({
  elysia: (work) => listen((context) => answer(work, requestSignal(context))),
  'elysia, surrounding': (work) => listen(withRequestSignal(() => answer(work, currentSignal()))),
})
