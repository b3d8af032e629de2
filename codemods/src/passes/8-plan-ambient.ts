import {
  escapingWork,
  establishedLibraries,
  findAppCreations,
  findChainStarts,
  markedWork,
  mountedIn,
  openApplications,
  planDetached,
  planEstablish,
  unestablishedEntries,
  type AppCreation,
  type CallNode,
  type Step,
} from '@ctx-fix/core'
import type { PlanContext, ProgramPlan } from './6-plan-steps.js'
import { chainStep } from './chain-step.js'
import { SetupPlacer, type SetupNeed } from './7-plan-setup.js'
import { surroundSteps } from './surround-handlers.js'

/**
 * Ambient propagation: one line behind each application that is made, a wrapper around each handler that
 * belongs to none, the runtime's import, and a wrapper around work that must outlive its request. Nothing is
 * threaded.
 */
export function planAmbient(
  context: PlanContext,
  open = unestablishedEntries(context.analysis),
): ProgramPlan {
  const { analysis, isEditable } = context
  const wanted = new Set(open.map((each) => each.library))
  const established = establishedLibraries(analysis)
  const hosts = hostsOf(context, wanted)
  for (const [library, names] of hosts) {
    wanted.delete(library)
    for (const name of names) wanted.add(name)
  }
  const chained = new Set([...mountedIn(analysis).keys()].filter((each) => !hosts.has(each)))
  const { apps, alone } = openApplications(
    analysis,
    open.filter((each) => !chained.has(each.library)),
  )
  const steps: Step[] = apps
    .filter(({ app }) => isEditable(app.file))
    .flatMap(({ app }) => establishStep(context, app) ?? [])
    .map((step, id) => ({ id, ...step }))
  const inside = [...alone, ...open.filter((each) => chained.has(each.library))]
  const chains = findChainStarts(analysis).filter(
    (each) => !each.isEstablished && wanted.has(each.library) && isEditable(each.file),
  )
  for (const start of chains) steps.push({ id: steps.length, ...chainStep(context, start) })
  steps.push(...surroundSteps(context, inside, steps.length))
  if (steps.length > 0 || established.size > 0) steps.push(...detachSteps(context, steps.length))
  if (steps.length > 0) steps.push(...setupSteps(context, steps.length))
  return { steps, refusals: new Map(), nodeOf: new Map() }
}

/** Of wanted frameworks those that are mounted in others, whose applications will surround their handlers. */
function hostsOf(
  { analysis, isEditable }: PlanContext,
  wanted: ReadonlySet<string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const made = new Set(
    findAppCreations(analysis).flatMap((each) => (isEditable(each.file) ? [each.library] : [])),
  )
  return new Map(
    [...mountedIn(analysis)].filter(
      ([library, hosts]) => wanted.has(library) && [...hosts].every((each) => made.has(each)),
    ),
  )
}

function establishStep(
  { analysis, texts, names }: PlanContext,
  creation: AppCreation,
): Omit<Step, 'id'> | undefined {
  const planned = planEstablish(analysis, creation, texts.get(creation.file) ?? '', names)
  return (
    planned && {
      kind: 'derive',
      ...planned,
      requires: [],
      onlyIfRequired: false,
      label: `put the request's signal around the handlers of ${creation.name}`,
    }
  )
}

/** Work that outlives its request, or is marked to, keeps doing so: it is set free of the signal that now surrounds it. */
function detachSteps(context: PlanContext, firstId: number): Step[] {
  const { analysis, texts, isEditable, names } = context
  const escaping = escapingWork(analysis).map(({ node, verdict }) => ({
    node,
    reason: verdict === 'shared' ? 'other callers wait for it too' : 'nobody waits for it',
  }))
  const marked = markedWork(analysis).map(({ judgement: { node }, reason }) => ({ node, reason }))
  return [...escaping, ...marked]
    .filter(({ node }) => node.kind === 'call' && isEditable(node.file))
    .flatMap(({ node, reason }): Omit<Step, 'id'>[] => {
      const text = texts.get(node.file) ?? ''
      const planned = planDetached(analysis, node, text, reason, names)
      if ('refusal' in planned) return []
      return [
        {
          kind: 'sink',
          edits: planned.edits,
          imports: planned.imports,
          requires: [],
          onlyIfRequired: false,
          label: `set ${node.name} free of the request`,
        },
      ]
    })
    .map((step, index) => ({ ...step, id: firstId + index }))
}

/** The runtime's import for every process that sends statements, or some of them. */
export function setupSteps(
  context: PlanContext,
  firstId: number,
  calls: readonly CallNode[] = context.analysis.calls,
): Step[] {
  const { analysis } = context
  const placer = new SetupPlacer(context)
  const needs = new Map<string, SetupNeed>()
  for (const node of calls)
    if (node.sink?.library.kind === 'database' && !analysis.isExempt(node.file))
      for (const need of placer.needsOf(node)) needs.set(`${need.module}\0${need.file}`, need)
  return [...needs.values()].map((need, index) => ({
    id: firstId + index,
    kind: 'setup',
    edits: need.edits,
    imports: need.isImported ? [] : [need],
    requires: [],
    onlyIfRequired: false,
    label: `import ${need.module}`,
  }))
}
