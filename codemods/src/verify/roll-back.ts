import type { Plan, StepId } from '@ctx-fix/core'
import { changedFiles, type RenderedFile } from '../apply/materialize.js'
import { settleSteps } from '../apply/settle.js'
import { isolate } from './isolate.js'
import type { Judge } from './judge.js'
import { isSameProblem, type Problem } from './problem.js'
import { suspectSteps, type Suspect } from './suspects.js'

type Files = ReadonlyMap<string, RenderedFile>

/** A version of the program, and what is wrong with it in the files that were looked at. */
interface Version {
  readonly kept: ReadonlySet<StepId>
  readonly files: Files
  readonly problems: readonly Problem[]
}

/** A problem that is not explained yet, and the steps left to try for it. */
interface OpenCase {
  readonly problem: Problem
  readonly suspects: Suspect[]
}

interface Accusation {
  readonly problem: Problem
  readonly suspect: Suspect
}

export interface RollBackResult {
  readonly kept: ReadonlySet<StepId>
  readonly files: Files
  /** Steps that had to go, each with the problem that it, or what it relied on, caused. */
  readonly rolledBack: ReadonlyMap<StepId, Problem>
}

/**
 * Takes back as few steps as possible until `judge` has nothing new against the program.
 *
 * Each round accuses steps and tries the program without them; a step goes for good when the problem
 * goes with it. Edits on which a problem lies are accused together. Weaker evidence is tried one step
 * at a time, so that nobody goes for a problem that somebody else's going has cured. A problem
 * without suspects left is settled by bisection. Rounds look only at the files concerned; a last look
 * at all of them ends the search.
 */
export function rollBack(
  plan: Plan,
  initial: ReadonlySet<StepId>,
  render: (kept: ReadonlySet<StepId>) => Files,
  judge: Judge,
): RollBackResult {
  const guilty = new Map<StepId, Problem>()
  let cases: OpenCase[] = []

  const without = (gone: Iterable<StepId>) =>
    settleSteps(plan, difference(initial, new Set([...guilty.keys(), ...gone])))
  const look = (kept: ReadonlySet<StepId>, scope: 'all' | ReadonlySet<string>): Version => {
    const files = render(kept)
    return { kept, files, problems: judge.newProblems(files, scope) }
  }
  /** Looks at the program without `gone`, where `old` has problems and where its text differs. */
  const lookAround = (gone: Iterable<StepId>, old: Version) => {
    const kept = without(gone)
    return look(kept, concernedFiles(old, render(kept)))
  }
  /** Opens the cases of a version that has just been looked at. */
  const proceedWith = (version: Version): Version => {
    cases = version.problems.map((problem) => {
      const known = cases.find((open) => isSameProblem(open.problem, problem))
      return known ?? { problem, suspects: suspectSteps(plan, problem, version.files, judge) }
    })
    return version
  }
  const tryAccused = (accusations: readonly Accusation[], old: Version): Version => {
    const version = lookAround(
      accusations.flatMap(({ suspect }) => suspect.steps),
      old,
    )
    const convicted = accusations.filter(({ problem }) => !hasProblem(version, problem))
    for (const { suspect, problem } of convicted) {
      for (const id of suspect.steps) guilty.set(id, problem)
    }
    if (convicted.length === accusations.length) return proceedWith(version)
    return convicted.length > 0 ? proceedWith(lookAround([], old)) : old
  }
  const bisect = (problem: Problem, old: Version): Version => {
    const scope = new Set([problem.file])
    const clears = (gone: readonly StepId[]) => !hasProblem(look(without(gone), scope), problem)
    for (const id of isolate(plan, old.kept, clears)) guilty.set(id, problem)
    return proceedWith(lookAround([], old))
  }

  let current: Version
  let isClean: boolean
  do {
    current = proceedWith(look(without([]), 'all'))
    isClean = cases.length === 0
    for (let open = cases[0]; open && current.kept.size > 0; open = cases[0]) {
      const accusations = accuse(cases, current.kept)
      current =
        accusations.length > 0 ? tryAccused(accusations, current) : bisect(open.problem, current)
    }
  } while (!isClean && current.kept.size > 0)
  const { kept, files } = current
  return { kept, files, rolledBack: explainLosses(plan, initial, guilty) }
}

const hasProblem = ({ problems }: Version, problem: Problem) =>
  problems.some((other) => isSameProblem(problem, other))

/** Takes the next suspect of every case that is certain enough; else of one case only. */
function accuse(cases: readonly OpenCase[], kept: ReadonlySet<StepId>): Accusation[] {
  const heads = cases.flatMap(({ problem, suspects }) => {
    while (suspects[0]?.steps.every((id) => !kept.has(id))) suspects.shift()
    const [suspect] = suspects
    return suspect ? [{ problem, suspect, suspects }] : []
  })
  const strong = heads.filter(({ suspect }) => suspect.tier === 0)
  const weak = heads.toSorted((a, b) => a.suspect.tier - b.suspect.tier).slice(0, 1)
  const chosen = strong.length > 0 ? strong : weak
  for (const { suspects } of chosen) suspects.shift()
  return chosen
}

function concernedFiles({ problems, files }: Version, next: Files): Set<string> {
  return new Set([...problems.map(({ file }) => file), ...changedFiles(files, next)])
}

/** Every step that is gone, with the problem of the step whose going took it along. */
function explainLosses(
  plan: Plan,
  initial: ReadonlySet<StepId>,
  guilty: ReadonlyMap<StepId, Problem>,
): Map<StepId, Problem> {
  const losses = new Map<StepId, Problem>()
  const gone = new Set<StepId>()
  let kept: ReadonlySet<StepId> = initial
  for (const [id, problem] of guilty) {
    gone.add(id)
    const left = settleSteps(plan, difference(initial, gone))
    for (const lost of difference(kept, left)) losses.set(lost, problem)
    kept = left
  }
  return losses
}

function difference(ids: ReadonlySet<StepId>, removed: ReadonlySet<StepId>): Set<StepId> {
  return new Set([...ids].filter((id) => !removed.has(id)))
}
