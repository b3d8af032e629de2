import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ts } from 'ts-morph'

export type TypeScript = typeof ts

/** The compiler that verifies a project. */
export interface Compiler {
  readonly ts: TypeScript
  /** True for the project's own, false for the bundled one. */
  readonly own: boolean
  /** The version that the project declares or has installed, where known. */
  readonly projectVersion: string | undefined
  /** Declarations of the language's library by path, where they do not lie on disk. */
  readonly libraries: ReadonlyMap<string, string> | undefined
}

/** The project cannot be verified, nor can what the codemods write compile in it. */
export class UnsupportedProjectError extends Error {
  override readonly name = 'UnsupportedProjectError'
}

/** Where the bundled compiler is told that its library lies. */
export const BUNDLED_LIBRARY = '/node_modules/typescript/lib'

const FLOOR = '4.7'

/**
 * Loads the TypeScript of the project in `directory` where that has a JavaScript API (4.7 to 6),
 * else the bundled one: TypeScript 7 is a native program.
 *
 * @throws {UnsupportedProjectError} below TypeScript 4.7.
 */
export async function loadCompiler(directory: string): Promise<Compiler> {
  const projectRequire = createRequire(join(directory, 'noop.js'))
  const installed = installedVersion(projectRequire)
  const projectVersion = installed ?? declaredVersion(directory)
  if (projectVersion !== undefined && compareVersions(projectVersion, FLOOR) < 0) {
    throw new UnsupportedProjectError(
      `the project uses TypeScript ${projectVersion}; the rewritten code needs ${FLOOR} or later: ` +
        `npm install --save-dev typescript@5`,
    )
  }
  if (installed !== undefined && compareVersions(installed, '7') < 0) {
    const own = projectRequire('typescript') as TypeScript
    return { ts: own, own: true, projectVersion, libraries: undefined }
  }
  const [{ ts }, { getLibFiles }] = await Promise.all([
    import('ts-morph'),
    import('@ts-morph/common'),
  ])
  const libraries = new Map(
    getLibFiles().map(({ fileName, text }) => [`${BUNDLED_LIBRARY}/${fileName}`, text]),
  )
  return { ts, own: false, projectVersion, libraries }
}

/** Compares `major.minor` of two versions. */
export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map((part) => parseInt(part, 10))
  const [majorB = 0, minorB = 0] = b.split('.').map((part) => parseInt(part, 10))
  return majorA - majorB || minorA - minorB
}

function installedVersion(projectRequire: NodeJS.Require): string | undefined {
  try {
    const manifest = projectRequire('typescript/package.json') as { version: string }
    return manifest.version
  } catch {
    return undefined
  }
}

interface Manifest {
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

/** The lower bound of the range that the nearest package.json gives for TypeScript. */
function declaredVersion(directory: string): string | undefined {
  const path = join(directory, 'package.json')
  if (existsSync(path)) {
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest
    const range =
      manifest.devDependencies?.typescript ??
      manifest.dependencies?.typescript ??
      manifest.peerDependencies?.typescript
    const version = /\d+(\.\d+)*/.exec(range ?? '')?.[0]
    if (version !== undefined) return version
  }
  const parent = dirname(directory)
  return parent === directory ? undefined : declaredVersion(parent)
}
