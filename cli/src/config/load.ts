import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, extname, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { findConfigProblem } from '@ctx-fix/core'
import type { CtxFixConfig } from '../host.js'
import { UsageError } from '../usage-error.js'
import { findConfigFile, packageKey } from './find.js'

export interface ConfigRequest {
  /** The project's root: the search goes upward from here. */
  readonly root: string
  /** The file named with `--config`, which ends the search. */
  readonly file?: string | undefined
  readonly cwd: string
}

export interface LoadedConfig {
  readonly config: CtxFixConfig
  /** Where its globs start from. */
  readonly globsFrom?: string
}

export async function loadConfig({ root, file, cwd }: ConfigRequest): Promise<LoadedConfig> {
  const path = file === undefined ? findConfigFile(root) : resolve(cwd, file)
  if (!path) return { config: {} }
  const name = relative(cwd, path)
  if (!existsSync(path)) throw new UsageError(`${name}: no such file (named with --config)`)
  const content = extname(path) === '.json' ? readJson(path, name) : await importDefault(path, name)
  const problem = findConfigProblem(content)
  if (problem) throw new UsageError(`${name}: ${problem}`)
  return { config: content as CtxFixConfig, globsFrom: dirname(path) }
}

function readJson(path: string, name: string): unknown {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (basename(path) !== 'package.json') return content
    return (content as Record<string, unknown>)[packageKey] ?? {}
  } catch (error) {
    throw new UsageError(`${name} is not valid JSON: ${firstLine(error)}`)
  }
}

async function importDefault(path: string, name: string): Promise<unknown> {
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    return module.default
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw new UsageError(
        `${name} needs Node 22.18 or later: upgrade, or write it as ctx-fix.config.js`,
      )
    }
    throw new UsageError(`${name} cannot be loaded: ${firstLine(error)}`)
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0] ?? ''
}
