import '../pg/index.js'

/** A client of Prisma with two models of one column. */
export interface Prisma {
  readonly thing: Model
  readonly other: Model
  $extends(extension: object): Prisma
  $on(event: 'query', listener: (event: { query: string }) => void): void
  $disconnect(): Promise<void>
  $transaction<T>(work: (tx: Prisma) => Promise<T>): Promise<T>
}

interface Model {
  findUnique(args: { where: { id: number } }): PromiseLike<{ id: number } | null>
}

const SCHEMA = `
generator client {
  provider = "prisma-client"
  output   = "unused"
}
datasource db {
  provider = "postgresql"
}
model Thing {
  id Int @id
  @@map("things")
}
model Other {
  id Int @id
  @@map("others")
}
`

const model = (dbName: string) => ({
  fields: [{ name: 'id', kind: 'scalar', type: 'Int' }],
  dbName,
  schema: null,
})

/**
 * A client as `prisma generate` writes it, without that command and what it downloads.
 *
 * @param listener hears of each statement that has ended well.
 */
export async function prismaOver(
  connectionString: string,
  listener: (text: string) => void,
): Promise<Prisma> {
  // Loaded when the runtime has been, as it is where the runtime is imported first.
  const { getPrismaClient } = await import('@prisma/client/runtime/client')
  const { PrismaPg } = await import('@prisma/adapter-pg')
  const compiler = '@prisma/client/runtime/query_compiler_fast_bg.postgresql'
  const PrismaClient = getPrismaClient({
    previewFeatures: [],
    clientVersion: '7.10.0',
    engineVersion: 'unused',
    activeProvider: 'postgresql',
    inlineSchema: SCHEMA,
    runtimeDataModel: {
      models: { Thing: model('things'), Other: model('others') },
      enums: {},
      types: {},
    },
    // An empty one: no query plan is kept for the next call.
    parameterizationSchema: { strings: [], graph: 'AAAAAAAAAAAAAAAA' },
    compilerWasm: {
      getRuntime: () => import(`${compiler}.mjs`) as never,
      getQueryCompilerWasmModule: async () => {
        const { wasm } = (await import(`${compiler}.wasm-base64.mjs`)) as { wasm: string }
        return new WebAssembly.Module(Buffer.from(wasm, 'base64'))
      },
      importName: './query_compiler_fast_bg.js',
    },
  } as never) as unknown as new (options: object) => Prisma
  const adapter = new PrismaPg({ connectionString })
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] })
  prisma.$on('query', ({ query }) => {
    listener(query)
  })
  return prisma
}
