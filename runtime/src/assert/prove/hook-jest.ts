import { Module } from 'node:module'

interface JestConfig {
  readonly setupFilesAfterEnv?: readonly string[]
}

/** https://github.com/jestjs/jest/blob/main/packages/jest-config/src/index.ts */
interface ConfigModule {
  readConfigs(...args: unknown[]): Promise<{ readonly configs: readonly JestConfig[] }>
}

type Load = (request: string, ...rest: unknown[]) => unknown

/**
 * Where this process is jest's, has it load `file` in front of the set-up files of every test file. Jest gives
 * tests modules and globals of their own, which nothing reaches that was loaded outside of them.
 */
export function proveInsideJest(file: string | undefined): void {
  if (file === undefined) return
  const loader = Module as typeof Module & { _load: Load }
  const original = loader._load
  loader._load = function load(this: unknown, request, ...rest) {
    const exports = original.call(this, request, ...rest)
    return request === 'jest-config' ? withSetUp(exports as ConfigModule, file) : exports
  }
}

const changed = new WeakMap<ConfigModule, ConfigModule>()

/** A copy, because the exports of a bundle cannot be changed. */
function withSetUp(module: ConfigModule, file: string): ConfigModule {
  const known = changed.get(module)
  if (known !== undefined) return known
  const copy: ConfigModule = {
    ...module,
    readConfigs: async (...args) => {
      const read = await module.readConfigs(...args)
      return { ...read, configs: read.configs.map((config) => withFile(config, file)) }
    },
  }
  changed.set(module, copy)
  return copy
}

function withFile(config: JestConfig, file: string): JestConfig {
  return { ...config, setupFilesAfterEnv: [file, ...(config.setupFilesAfterEnv ?? [])] }
}
