/* eslint-disable @typescript-eslint/no-require-imports -- jscodeshift loads transforms as CommonJS */
import childProcess = require('node:child_process')
import fs = require('node:fs')
import path = require('node:path')
import type { CodemodName } from '../host.js' with { 'resolution-mode': 'import' }
import type { Answer, PlanRequest, StoredPlan } from './plan.js' with {
  'resolution-mode': 'import',
}

interface FileInfo {
  readonly path: string
  readonly source: string
}

/** What jscodeshift hands over of its command line; `paths`, `verify` and `reason` are ours. */
interface Options {
  readonly extensions?: string
  readonly paths?: string | readonly string[]
  readonly verify?: boolean
  /** Read as JSON where it is that. */
  readonly reason?: string | number | boolean
  readonly ignorePattern?: readonly string[]
  readonly ignoreConfig?: readonly string[]
}

/** The plan of each folder, as far as this worker has asked for it. */
const plans = new Map<string, StoredPlan>()

type Transform = (file: FileInfo, api: unknown, options?: Options) => string | undefined

/**
 * A transform of jscodeshift that threads signals as `ctx-fix` does, or that is one of `ctx-fix codemod`.
 * Chains run across files, so the whole project is planned at once, by one process for all workers, before
 * any of them writes; a call of the transform answers with the text that the plan has for the file. Nothing
 * is printed from a tree, so `--parser` does not matter.
 *
 * The transform throws an Error where the project cannot be planned, or the file is no longer the one that
 * was planned.
 */
function transformOf(codemod?: CodemodName): Transform {
  return (file, _api, options = {}) => {
    const request = { ...requestFor(path.resolve(file.path), options), ...named(codemod, options) }
    const key = JSON.stringify(request)
    const known = plans.get(key)
    const found = known && textFor(known, file)
    if (found) return found.text
    const plan = askForPlan(request)
    plans.set(key, plan)
    const fresh = textFor(plan, file)
    if (!fresh)
      throw new Error(`${file.path} has changed since it was planned: run jscodeshift again`)
    return fresh.text
  }
}

function named(
  codemod: CodemodName | undefined,
  { reason }: Options,
): Pick<PlanRequest, 'codemod' | 'reason'> {
  return {
    ...(codemod === undefined ? {} : { codemod }),
    ...(reason === undefined ? {} : { reason: String(reason) }),
  }
}

function textFor(
  { changes }: StoredPlan,
  { path: name, source }: FileInfo,
): { readonly text: string | undefined } | undefined {
  const change = changes[path.resolve(name)]
  if (!change || change.after === source) return { text: undefined }
  return change.before === source ? { text: change.after } : undefined
}

/** Below the working directory it is the project of the command there; elsewhere the file's package. */
function requestFor(file: string, options: Options): PlanRequest {
  const { ignorePattern = [], ignoreConfig = [] } = options
  if (ignorePattern.length + ignoreConfig.length > 0)
    throw new Error(
      'A plan of which some files are left out would leave calls behind that it has changed: ' +
        'name what may change with --paths=src,lib in place of --ignore-pattern and --ignore-config',
    )
  const cwd = process.cwd()
  const extensions = (options.extensions ?? 'js').split(',')
  const verify = options.verify !== false
  if (file.startsWith(cwd + path.sep)) {
    const { paths = '.' } = options
    return {
      folder: cwd,
      paths: typeof paths === 'string' ? paths.split(',') : paths,
      extensions,
      verify,
    }
  }
  let folder = path.dirname(file)
  while (!fs.existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder))
    folder = path.dirname(folder)
  return { folder, paths: ['.'], extensions, verify }
}

/** In a process of its own: jscodeshift compiles what a transform loads, and the engine is modules. */
function askForPlan(request: PlanRequest): StoredPlan {
  const main = path.join(__dirname, 'main.js')
  const { stdout, status } = childProcess.spawnSync(process.execPath, [main], {
    input: JSON.stringify(request),
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`ctx-fix ended with code ${String(status)}`)
  const answer = JSON.parse(stdout) as Answer
  if ('error' in answer) throw new Error(answer.error)
  return JSON.parse(fs.readFileSync(answer.plan, 'utf8')) as StoredPlan
}

export = transformOf
