import type { Library } from '../catalog/types.js'
import type { Links } from '../resolve/program.js'

/** The own files that the configuration describes, `./src/db.ts`, by their paths without extensions. */
export type DescribedModules = ReadonlyMap<string, string>

/** @param folder the folder that the modules start from, without a slash at its end */
export function describedModules(libraries: readonly Library[], folder: string): DescribedModules {
  const base = folder.replaceAll('\\', '/')
  const modules = libraries.flatMap((each) => each.modules)
  return new Map(
    modules
      .filter((each) => each.startsWith('./'))
      .map((each) => [withoutExtension(`${base}/${each.slice(2)}`), each]),
  )
}

/** The name under which a file is described; what is described is not followed to its source. */
export function describedAs(own: DescribedModules, path: string): string | undefined {
  return own.size === 0 ? undefined : own.get(withoutExtension(path.replaceAll('\\', '/')))
}

/** Links to what is read, and those to what is described in its place. */
export function splitLinks(
  links: Links,
  own: DescribedModules,
): { readonly followed: Links; readonly described: Links } {
  if (own.size === 0) return { followed: links, described: new Map() }
  const described = [...links].map(([file, targets]) => {
    const named = [...targets].flatMap(([specifier, path]) => {
      const name = describedAs(own, path)
      return name === undefined ? [] : [[specifier, name] as const]
    })
    return [file, new Map(named)] as const
  })
  const followed = [...links].map(([file, targets]) => {
    const left = [...targets].filter(([, path]) => describedAs(own, path) === undefined)
    return [file, new Map(left)] as const
  })
  return { followed: new Map(followed), described: new Map(described) }
}

function withoutExtension(path: string): string {
  return path.replace(/(?:\/index)?\.[cm]?[jt]sx?$/, '')
}
