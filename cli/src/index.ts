import type { CtxFixConfig } from './host.js'

export type { CtxFixConfig } from './host.js'

/** For `ctx-fix.config.js`: gives the editor the keys. */
export function defineConfig(config: CtxFixConfig): CtxFixConfig {
  return config
}
