import { dirname } from 'node:path'
import type { FileFacts, Links } from '@ctx-fix/core'
import { ResolverFactory } from 'oxc-resolver'

/** Where each import leads, by Node's and TypeScript's rules: extensions, index files, paths, exports, workspaces. */
export function linkModules(
  files: ReadonlyMap<string, FileFacts>,
  tsconfig: string | undefined,
): Links {
  const resolver = new ResolverFactory({
    extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx', '.json'],
    extensionAlias: {
      '.js': ['.ts', '.tsx', '.js', '.jsx'],
      '.mjs': ['.mts', '.mjs'],
      '.cjs': ['.cts', '.cjs'],
      '.jsx': ['.tsx', '.jsx'],
    },
    conditionNames: ['source', 'types', 'import', 'require', 'node', 'default'],
    ...(tsconfig === undefined ? {} : { tsconfig: { configFile: tsconfig, references: 'auto' } }),
  })
  const links = new Map<string, Map<string, string>>()
  for (const [file, facts] of files) {
    const own = new Map<string, string>()
    for (const specifier of facts.modules) {
      const { path } = resolver.sync(dirname(file), specifier)
      if (path !== undefined && files.has(path)) own.set(specifier, path)
    }
    links.set(file, own)
  }
  return links
}
