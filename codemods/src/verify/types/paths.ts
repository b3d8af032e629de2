import { resolve, sep } from 'node:path'

/** The compiler writes all paths with slashes. */
export function toSlashes(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/')
}

/** An absolute path as the compiler writes it. */
export function resolvePath(path: string): string {
  return toSlashes(resolve(path))
}
