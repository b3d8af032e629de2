export interface LoaderArgs {
  readonly request: Request
}

/** What React Router builds of one route module without a component. */
export function routesOf(answer: (args: LoaderArgs) => Promise<Response>): object {
  return {
    entry: { module: { handleError: () => undefined } },
    routes: { all: { id: 'all', path: '/', module: { loader: answer, action: answer } } },
    assets: { routes: {}, entry: { imports: [], module: '' }, url: '', version: '' },
    future: {},
    isSpaMode: false,
    prerender: [],
    publicPath: '/',
    assetsBuildDirectory: '',
    basename: '/',
    ssr: true,
    routeDiscovery: { mode: 'initial', manifestPath: '/__manifest' },
    allowedActionOrigins: [],
  }
}
