import { signalParameterOf } from './signal-parameter.js'
import type { EntryPoint, SignalSource } from './model.js'
import type { Scene } from './sources.js'
import { lacksMember } from '../resolve/written-types.js'

const never = { undefined: false, null: false }
const absent = { undefined: true, null: false }

/** How the second parameter of a handler leads back to the request. */
const responseToRequest: Readonly<Record<string, { name: string; member: string } | undefined>> = {
  express: { name: 'res', member: 'req' },
  'node:http': { name: 'res', member: 'req' },
  fastify: { name: 'reply', member: 'request' },
}

/** A handler has a request even where it does not declare the parameter, or types it in its own way. */
export function entrySources(
  scene: Scene,
  file: string,
  entry: EntryPoint,
  depth: number,
  deferred: boolean,
  found: readonly SignalSource[],
): readonly SignalSource[] {
  if (found.some((each) => each.kind === 'request' && each.depth === depth)) return []
  const { params } = scene.resolver.program.fn(file, entry.fn)
  const param = params[entry.request]
  // A destructured request leaves no name to derive from; the response leads back to it.
  const isTakenApart = param !== undefined && param.name === undefined
  if (entry.part !== undefined && (isTakenApart || !param)) {
    const found = partSource(scene, file, entry, entry.part, depth, deferred)
    if (found && (found.length > 0 || entry.optional !== true)) return found
  }
  if (entry.optional === true && (isTakenApart || !param || param.rest))
    return [unaskedSource(entry, depth, deferred)]
  if (param?.rest === true) return []
  const behind = params[entry.request + 1]
  const leadsBack = isTakenApart && (behind === undefined || behind.name !== undefined)
  const back = leadsBack ? responseToRequest[entry.library] : undefined
  const parameter = signalParameterOf(scene, entry)
  if (isTakenApart && !back && !parameter) return [wholeSource(entry, depth, deferred)]
  const response = back ? behind?.name : undefined
  const name = response === undefined ? param?.name : `${response}.${back?.member ?? ''}`
  return [
    {
      kind: 'request',
      text:
        parameter && parameter.request === undefined
          ? `@${parameter.decorator}() signal`
          : `requestSignal(${name ?? (back ? `${back.name}.${back.member}` : 'req')})`,
      fn: entry.fn,
      depth,
      deferred,
      rank: 0,
      nullish: { undefined: parameter?.optional === true, null: false },
      certainty: 'type',
      request: {
        module: entry.module,
        native: undefined,
        param: name,
        index: back ? entry.request + 1 : entry.request,
        fn: entry.fn,
        ...(back && response === undefined ? { named: back.name, member: back.member } : {}),
        ...(back || entry.named === undefined ? {} : { named: entry.named }),
        ...(entry.behind === undefined ? {} : { behind: entry.behind }),
        ...(parameter ? { parameter } : {}),
        ...(entry.byOption && name === undefined ? { byOption: true } : {}),
      },
    },
  ]
}

/** `({ data }) => …`, of which no part leads to the request: it is named, and taken apart in the body. */
function wholeSource(entry: EntryPoint, depth: number, deferred: boolean): SignalSource {
  const { fn, module, request: index, behind } = entry
  const named = entry.named?.startsWith('{') === false ? entry.named : 'request'
  return {
    kind: 'request',
    text: `requestSignal(${named.split(': ')[0] ?? named})`,
    fn,
    depth,
    deferred,
    rank: 0,
    nullish: never,
    certainty: 'type',
    request: {
      module,
      native: undefined,
      param: undefined,
      index,
      fn,
      named,
      isTakenApart: true,
      ...(behind === undefined ? {} : { behind }),
    },
  }
}

/** `requestSignal()`: the runtime knows which request is being answered. */
function unaskedSource(entry: EntryPoint, depth: number, deferred: boolean): SignalSource {
  const { fn, module, request: index } = entry
  return {
    kind: 'request',
    text: 'requestSignal()',
    fn,
    depth,
    deferred,
    rank: 0,
    nullish: never,
    certainty: 'type',
    request: { module, native: undefined, param: undefined, index, fn, optional: true },
  }
}

/** `({ input }) => …`: the pattern takes one more member, or has it already under a name of its own. */
function partSource(
  scene: Scene,
  file: string,
  entry: EntryPoint,
  key: string,
  depth: number,
  deferred: boolean,
): readonly SignalSource[] | undefined {
  const { program } = scene.resolver
  const param = program.fn(file, entry.fn).params[entry.request]
  if (!param && entry.named?.startsWith('{') !== true) return undefined
  const has = param?.pattern?.names.includes(key) === true
  const isMissing =
    !has &&
    param?.type !== undefined &&
    lacksMember(scene.resolver, { file, type: param.type }, key)
  const missing = isMissing ? typeMemberOf(file, entry, key) : undefined
  if (param && (!param.pattern || (!has && param.pattern.rest))) return []
  if (isMissing && missing === undefined) return []
  const local = program
    .facts(file)
    .bindings.find(
      ({ param: of, path: [step, ...deeper] }) =>
        of?.fn === entry.fn &&
        of.index === entry.request &&
        deeper.length === 0 &&
        step !== undefined &&
        'prop' in step &&
        step.prop === key,
    )?.name
  const isSignal = entry.native === key
  return [
    {
      kind: 'request',
      text: isSignal ? (local ?? key) : `requestSignal(${local ?? key})`,
      fn: entry.fn,
      depth,
      deferred,
      rank: 0,
      nullish: isSignal ? absent : never,
      certainty: 'type',
      request: {
        module: entry.module,
        native: undefined,
        param: undefined,
        index: entry.request,
        fn: entry.fn,
        part: { key, local, ...(missing === undefined ? {} : { missing }) },
        ...(entry.named === undefined ? {} : { named: entry.named }),
        ...(isSignal ? { isSignal } : {}),
      },
    },
  ]
}

/** How an own type says that what the framework gives has the member too. Others may make such objects without a signal. */
function typeMemberOf(file: string, { named }: EntryPoint, key: string): string | undefined {
  if (!/\.[cm]?tsx?$/.test(file)) return undefined
  if (key === 'signal') return 'signal?: AbortSignal'
  return named === undefined ? undefined : /^\{.*\}: \{ (.*) \}$/.exec(named)?.[1]
}
