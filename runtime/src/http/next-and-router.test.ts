import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { createRequestListener } from '@react-router/node'
import { describe, expect, it } from 'vitest'
import { currentSignal, remainingMs } from '../index.js'
import { describeAdapters, type Start, type Work } from '../test-support/adapters.js'
import { listen } from '../test-support/http.js'
import { routesOf, type LoaderArgs } from '../test-support/react-router.js'
import * as forNext from './next.js'
import * as forWeb from './web.js'

/** As Next.js calls the default export of `pages/api`, a server action or a component. */
function pages(handle: (request: object, response: object) => Promise<unknown>): Promise<number> {
  return listen(
    createServer((request, response) => {
      void text(request)
        .then(() => handle(request, response))
        .then(
          () => response.end('{}'),
          () => response.writeHead(500).end(),
        )
    }),
  )
}

/** A route module without a component, which React Router answers requests with. */
function router(handle: (args: LoaderArgs) => Promise<unknown>): Promise<number> {
  const answer = async (args: LoaderArgs) => {
    if (args.request.method === 'POST') await args.request.json()
    return Response.json((await handle(args)) ?? {})
  }
  const listener = createRequestListener({ build: routesOf(answer) as never, mode: 'production' })
  return listen(createServer(listener))
}

const starts: Record<string, Start> = {
  'pages API of Next.js': (work) =>
    pages((request, response) => work(forNext.requestSignal(request, response))),
  'pages API of Next.js, surrounding': (work: Work) =>
    pages(forNext.withRequestSignal(() => work(currentSignal()))),
  'getServerSideProps of Next.js': (work) =>
    pages((req, res) => work(forNext.requestSignal({ req, res, params: {} }))),
  'server action of Next.js': (work) => pages(() => work(forNext.requestSignal())),
  'server action of Next.js, surrounding': (work) => {
    const action = forNext.withRequestSignal((_form: FormData) => work(currentSignal()))
    return pages(() => action(new FormData()))
  },
  'React Router': (work) => router(({ request }) => work(forWeb.requestSignal(request))),
  'React Router, surrounding': (work) =>
    router(forWeb.withRequestSignal(() => work(currentSignal()))),
}

describeAdapters(starts)

describe('outside of any request', () => {
  it('a server action has a deadline', () => {
    expect(Math.ceil(remainingMs(forNext.requestSignal()) / 1_000)).toBe(30)
  })

  it('a component has a deadline, whatever it is given', () => {
    const render = forNext.withRequestSignal((_props: object) => remainingMs(currentSignal()), {
      timeoutMs: 2_000,
    })
    expect(Math.ceil(render({ params: Promise.resolve({}) }) / 1_000)).toBe(2)
  })
})
