import { Module } from 'node:module'
import { instrumentPrisma } from './instrument-prisma.js'

type ClientClass = new (...args: unknown[]) => object

/** What a generated client takes from `@prisma/client/runtime`. */
interface PrismaRuntime {
  readonly getPrismaClient: (...args: unknown[]) => ClientClass
}

// In Node also an `import` of it ends in a CommonJS file.
const FILE_OF_RUNTIME = /[\\/]@prisma[\\/]client[\\/]runtime[\\/](?:client|library)\.js$/

type Compile = (module: NodeJS.Module, file: string) => void
type Hookable = typeof Module & { readonly _extensions: Record<string, Compile | undefined> }

/** From now on, each copy of Prisma's runtime that is loaded makes clients that keep their callers apart. */
export function watchPrismaRuntime(): void {
  const { _extensions: extensions } = Module as Hookable
  const compile = extensions['.js']
  if (compile === undefined) return
  // Where its exports can be replaced before anybody has them: for an `import`, Node up to 22 takes them
  // as soon as the file has been executed.
  extensions['.js'] = (module, file) => {
    compile(module, file)
    if (!FILE_OF_RUNTIME.test(file)) return
    const runtime: unknown = module.exports
    if (!isPrismaRuntime(runtime)) return
    const getPrismaClient = (...args: unknown[]) => separating(runtime.getPrismaClient(...args))
    module.exports = { ...runtime, getPrismaClient }
  }
}

/** A proxy, because the class is extended and its instances are compared with it. */
function separating(original: ClientClass): ClientClass {
  return new Proxy(original, {
    construct(target, args, newTarget) {
      const client = Reflect.construct(target, args, newTarget) as object
      instrumentPrisma(client)
      return client
    },
  })
}

function isPrismaRuntime(exports: unknown): exports is PrismaRuntime {
  return (
    typeof exports === 'object' &&
    exports !== null &&
    typeof (exports as Partial<PrismaRuntime>).getPrismaClient === 'function'
  )
}
