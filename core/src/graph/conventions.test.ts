import { describe, expect, test } from 'vitest'
import { analysisOf, type Files } from '../testing/program.js'

/** `library: title <- request parameter`, for each entry point. */
function entries(files: Files): readonly string[] {
  const analysis = analysisOf(files)
  return [...analysis.entries.values()]
    .map((entry) => {
      const param = analysis.resolver.program.fn(entry.file, entry.fn).params[entry.request]
      return `${entry.library}: ${entry.title} <- ${param?.name ?? (param ? '{}' : '-')}`
    })
    .sort()
}

const withNext = { 'next.config.ts': `import type { NextConfig } from 'next'` }

describe('Next.js', () => {
  test.each<[situation: string, files: Files, expected: readonly string[]]>([
    [
      'route handlers, in a wrapper too',
      {
        'src/app/users/route.ts': `export const GET = withAuth(async (req) => {})\nexport async function POST(request: Request) {}\nexport function helper() {}`,
      },
      ['web: GET <- req', 'web: POST <- request'],
    ],
    [
      'the pages API, in plain JavaScript too',
      {
        'pages/api/users/[id].js': `export default async function handler(req, res) {}`,
        'pages/api/users/index.ts': `import type { NextApiHandler } from 'next'\nconst handler: NextApiHandler = (q, s) => {}\nexport default withAuth(handler)`,
      },
      ['next: /api/users/[id] <- req', 'next: /api/users/index <- q'],
    ],
    [
      'server actions, of a file and of a component',
      {
        'app/actions.ts': `'use server'\nexport async function save(form: FormData) {}\nasync function inner() {}`,
        'app/form.ts': `export function Form() {\n  async function send(form: FormData) {\n    'use server'\n  }\n  return send\n}`,
      },
      ['next: save <- -', 'next: send <- -'],
    ],
    [
      'what is rendered on the server',
      {
        'app/users/[id]/page.tsx': `export default async function Page({ params }) {}\nexport async function generateMetadata({ params }) {}`,
        'app/layout.tsx': `export default function Layout() {}`,
        'app/client/page.tsx': `'use client'\nexport default function Page() {}`,
        'app/client/again/page.tsx': `export { default } from '../page.tsx'`,
        'pages/users.tsx': `export const getServerSideProps = async ({ req }) => ({})\nexport default function Users() {}`,
      },
      [
        'next: / <- -',
        'next: /users/[id] <- -',
        'next: generateMetadata <- -',
        'next: getServerSideProps <- {}',
      ],
    ],
    [
      'async components, wherever they are, and no other',
      {
        'src/ui/card.tsx': `export async function Card({ id }) {}\nconst List = async () => {}\nexport default List`,
        'src/ui/button.tsx': `export function Button() {}\nexport async function load() {}`,
        'src/ui/form.tsx': `'use client'\nexport async function Form() {}`,
        'src/users.ts': `export async function Users() {}`,
      },
      ['next: <Card> <- -', 'next: <List> <- -'],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries({ ...files, ...withNext })).toEqual(expected)
  })

  test('folders of the same names, where there is no Next.js', () => {
    const files = {
      'pages/api/users.ts': `export default async function handler(a: number) {}`,
      'app/page.ts': `export default async function Page() {}`,
      'app/actions.ts': `'use server'\nexport async function save() {}`,
    }
    expect(entries(files)).toEqual([])
  })
})

describe('frameworks of the Fetch API', () => {
  test.each<[situation: string, files: Files, expected: readonly string[]]>([
    [
      'loaders and actions of React Router, by their place and by their type',
      {
        'app/routes/users.tsx': `import type { Route } from './+types/users'\nexport async function loader({ params }: Route.LoaderArgs) {}\nexport const action = async () => {}`,
        'app/lib/load.ts': `import type { LoaderFunctionArgs } from 'react-router'\nexport async function loadUser(args: LoaderFunctionArgs) {}`,
      },
      ['react-router: action <- -', 'react-router: loadUser <- args', 'react-router: loader <- {}'],
    ],
    [
      'Remix',
      {
        'app/routes/users.tsx': `import { json, type LoaderFunction } from '@remix-run/node'\nexport const loader: LoaderFunction = async ({ request }) => json({})`,
      },
      ['react-router: loader <- {}'],
    ],
    [
      'SvelteKit',
      {
        'src/routes/api/users/+server.ts': `import { json } from '@sveltejs/kit'\nexport async function GET({ params }) {}`,
        'src/routes/users/+page.server.ts': `export const load = async (event) => ({})\nexport const actions = { default: async ({ request }) => {}, remove: (e) => {} }`,
      },
      [
        'sveltekit: GET <- {}',
        'sveltekit: actions <- e',
        'sveltekit: actions <- {}',
        'sveltekit: load <- event',
      ],
    ],
    [
      'Astro',
      {
        'src/pages/api/users.ts': `import type { APIRoute } from 'astro'\nexport const GET: APIRoute = async ({ params }) => new Response()`,
      },
      ['astro: GET <- {}'],
    ],
  ])('%s', (_, files, expected) => {
    expect(entries(files)).toEqual(expected)
  })
})

test('a Lambda function under any name, by the types of its parameters', () => {
  const types = `import type { APIGatewayProxyEvent, Context, SQSEvent } from 'aws-lambda'\n`
  expect(
    entries({
      'src/users.ts': `${types}import { owner } from './owner.js'
export const getUser = async (event: APIGatewayProxyEvent, context: Context) => {}
export const listUsers = async (event: APIGatewayProxyEvent) => own(event, owner(event))
export const work = middleware(async (event: SQSEvent) => {})
export async function own(event: APIGatewayProxyEvent, id: string) {}
const inner = (event: SQSEvent) => {}
export const other = async (event: { name: string }, context: Context) => {}`,
      'src/owner.ts': `${types}export const owner = (event: APIGatewayProxyEvent) => ''`,
      'src/users.test.ts': `import { getUser } from './users.js'`,
    }),
  ).toEqual([
    'aws-lambda: getUser <- context',
    'aws-lambda: listUsers <- -',
    'aws-lambda: work <- -',
  ])
})
