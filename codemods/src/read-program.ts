import {
  findAll,
  findConfigProblem,
  isSuppressed,
  ownLibraries,
  type Analysis,
  type Found,
} from '@ctx-fix/core'
import { readInstalled } from './installed.js'
import { collectFacts, type Collected } from './passes/1-collect-facts.js'
import { ModuleLinker } from './passes/2-link-modules.js'
import { analyzeProgram } from './passes/3-analyze.js'
import { packagesOf, type ProjectInput } from './project-input.js'
import { UsageError } from './usage-error.js'

/** A program as it is, or would be after edits: its texts, what is known of them, and what is found. */
export interface Read extends Collected {
  readonly analysis: Analysis
  readonly found: readonly Found[]
}

/** @throws {UsageError} where a file that was asked for does not parse. */
export async function collect(input: ProjectInput): Promise<Collected> {
  const collected = await collectFacts(input.files, new ModuleLinker(packagesOf(input)))
  const asked = new Set(input.report)
  const broken = collected.failures.find((each) => asked.has(each.file))
  if (broken)
    throw new UsageError(
      `${broken.file}:${broken.line}:${broken.column} does not parse: ${broken.message}. Mend it, or leave the file out`,
    )
  return collected
}

/** @throws {UsageError} where the settings are wrong. */
export function analyzeTexts(input: ProjectInput, collected: Collected): Read {
  const { root, config, globsFrom } = input
  const problem = findConfigProblem(config)
  if (problem !== undefined) throw new UsageError(`the settings: ${problem}`)
  const parts = packagesOf(input)
  const links = new ModuleLinker(parts).link(collected.facts)
  const libraries = ownLibraries(config.libraries ?? [])
  const analysis = analyzeProgram(collected.facts, links, {
    root,
    globsFrom,
    libraries,
    project: readInstalled(parts, collected.facts, libraries),
    ...(config.signalNames ? { signalNames: config.signalNames } : {}),
    ...(config.testGlobs ? { testGlobs: config.testGlobs } : {}),
  })
  const noSignalInScope = config.noSignalInScope ?? 'report'
  const propagation = config.propagation ?? 'explicit'
  const found = findAll(analysis, {
    noSignalInScope,
    propagation,
    strict: config.strict === true,
    ...(config.budgets ? { budgets: config.budgets } : {}),
  }).filter(({ finding }) => {
    const suppressions = collected.facts.get(finding.file)?.suppressions ?? []
    return !isSuppressed(suppressions, finding.rule, finding.line)
  })
  return { ...collected, analysis, found }
}
