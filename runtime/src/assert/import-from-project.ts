import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** `require` as a file at the top of the project has it that is being tested. */
export function projectsRequire(): NodeJS.Require {
  return createRequire(join(process.cwd(), 'any.js'))
}

/** Imports a package that the project has installed, which need not be one that this package can see. */
export async function importFromProject<T>(name: string): Promise<T> {
  return importFile<T>(projectsRequire().resolve(name))
}

/** Imports the file at `path`, an ES module or not. */
export async function importFile<T>(path: string): Promise<T> {
  // In what is compiled to CommonJS, import() is require(), which takes no address.
  return (await import(pathToFileURL(path).href).catch((): unknown => projectsRequire()(path))) as T
}
