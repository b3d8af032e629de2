/** The package that a declaration file belongs to: behind the last `node_modules`. */
export function packageOf(path: string): string | undefined {
  const [, scope, name] = /.*\/node_modules\/(?:(@[^/]+)\/)?([^/]+)\//.exec(path) ?? []
  if (name === undefined) return undefined
  return scope === undefined ? name : `${scope}/${name}`
}

/** Whether a package declares what the platform has. */
export function isPlatform(pack: string): boolean {
  return pack === 'typescript' || pack === '@types/node' || pack === 'undici-types'
}
