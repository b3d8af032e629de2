import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { collectInputs } from '../commands/inputs.js'
import { readCodemod } from '../codemod-names.js'
import { findUpward } from '../discovery/ancestors.js'
import { loadHost, type CodemodName, type FixResult, type ProjectInput } from '../host.js'
import { readVersion } from '../version.js'
import { withLock } from './lock.js'

/** What a worker of jscodeshift asks for. */
export interface PlanRequest {
  readonly folder: string
  /** What may change, from `folder`. */
  readonly paths: readonly string[]
  /** Without dots. */
  readonly extensions: readonly string[]
  /** Whether the result is type-checked, where there are types. */
  readonly verify: boolean
  /** Instead of threading signals. */
  readonly codemod?: CodemodName
  readonly reason?: string
}

export type Answer = { readonly plan: string } | { readonly error: string }

/** A plan as it lies on disk, for all workers of a run. Paths are absolute. */
export interface StoredPlan {
  /** Whatever the plan depends on besides the sources. */
  readonly settings: string
  /** Every file of the program, with the hashes of the texts between which the plan holds. */
  readonly files: Readonly<Record<string, readonly string[]>>
  readonly changes: Readonly<Record<string, { readonly before: string; readonly after: string }>>
}

/**
 * The path of the plan for a request. It is made once: workers ask while others write, so a plan holds as
 * long as each file of the program is as it was planned or as it was planned to become.
 *
 * @throws {UsageError} as the command does
 */
export async function providePlan(
  request: PlanRequest,
  say: (line: string) => void,
): Promise<string> {
  const path = join(
    cacheFolder(request.folder),
    `jscodeshift-${hash(JSON.stringify(request))}.json`,
  )
  return withLock(`${path}.lock`, async () => {
    const inputs = await collectInputs(request.paths, {}, request.folder)
    const settings = settingsOf(request, inputs)
    if (isCurrent(readPlan(path), settings, inputs)) return path
    const plan = await makePlan(request, settings, inputs, say)
    writeFileSync(`${path}.new`, JSON.stringify(plan))
    renameSync(`${path}.new`, path)
    return path
  })
}

async function makePlan(
  { folder, extensions, verify, codemod: name, reason }: PlanRequest,
  settings: string,
  inputs: readonly ProjectInput[],
  say: (line: string) => void,
): Promise<StoredPlan> {
  const files = new Map(allFiles(inputs).map((file) => [file, [hashOf(file)]]))
  const changes: [string, { before: string; after: string }][] = []
  const host = await loadHost()
  const codemod = name && readCodemod(name, reason)
  const options = { verify, ...(codemod ? { codemod } : {}) }
  const isWanted = (file: string): boolean => extensions.includes(extname(file).slice(1))
  for (const input of inputs) {
    const report = input.report.filter(isWanted)
    if (report.length === 0) continue
    const result = await host.fixProject({ ...input, report }, options)
    for (const { file, before, after } of result.changes) {
      changes.push([file, { before, after }])
      files.set(file, [hash(before), hash(after)])
    }
    for (const line of remarksOn(result, input, name)) say(line)
  }
  const names = changes.map(([file]) => relative(folder, file)).sort()
  say(`files to change, all of which jscodeshift has to be given: ${names.join(', ') || 'none'}`)
  return { settings, files: Object.fromEntries(files), changes: Object.fromEntries(changes) }
}

/** What the command would print besides the changes. */
function remarksOn(
  { report, installHint }: FixResult,
  { root }: ProjectInput,
  codemod: CodemodName | undefined,
): string[] {
  const left = report.findings.filter((each) => !each.fixed).length
  const command = codemod === undefined ? 'check' : `codemod ${codemod} --dry-run`
  return [
    ...(left > 0
      ? [`findings that stay in ${root}: ${String(left)} (ctx-fix ${command} has them)`]
      : []),
    ...report.notices.map(({ message }) => message),
    ...(installHint === undefined ? [] : [installHint]),
  ]
}

function isCurrent(
  plan: StoredPlan | undefined,
  settings: string,
  inputs: readonly ProjectInput[],
): boolean {
  if (plan?.settings !== settings) return false
  const files = allFiles(inputs)
  return (
    files.length === Object.keys(plan.files).length &&
    files.every((file) => plan.files[file]?.includes(hashOf(file)) === true)
  )
}

function readPlan(path: string): StoredPlan | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as StoredPlan) : undefined
}

function settingsOf({ folder }: PlanRequest, inputs: readonly ProjectInput[]): string {
  const manifests = inputs.flatMap(({ root, tsconfig, parts = [] }) =>
    [{ root, tsconfig }, ...parts].flatMap((each) => [
      join(each.root, 'package.json'),
      ...(each.tsconfig === undefined ? [] : [each.tsconfig]),
    ]),
  )
  // What npm writes last when it installs: the types that the result is checked with may be others.
  const installed = join(folder, 'node_modules/.package-lock.json')
  const texts = [...manifests, installed].map((file) => (existsSync(file) ? hashOf(file) : ''))
  const configs = inputs.map(({ config, report }) => ({ config, report }))
  return hash(JSON.stringify([readVersion(), configs, texts]))
}

function allFiles(inputs: readonly ProjectInput[]): string[] {
  return [...new Set(inputs.flatMap((input) => input.files))]
}

/** Beside what other tools keep, in a folder that no repository contains. */
function cacheFolder(folder: string): string {
  const folderOfModules = findUpward(folder, 'node_modules') ?? folder
  const cache = join(folderOfModules, 'node_modules', '.cache', 'ctx-fix')
  mkdirSync(cache, { recursive: true })
  return cache
}

function hashOf(file: string): string {
  return hash(readFileSync(file, 'utf8'))
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
