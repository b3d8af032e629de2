import { createCatalog, type Catalog } from '../catalog/index.js'
import type { CallSite, FileFacts, Marker } from '../facts/types.js'
import type { SinkStatus } from '../findings/report.js'
import type { Program } from '../resolve/program.js'
import { Resolver, type Ask, type FileSet } from '../resolve/resolver.js'
import { mayMakeApp } from './applications.js'
import { findEntryPoints } from './entries.js'
import { callersOf } from './callers.js'
import { foreignCalls } from './foreign.js'
import { markerOnDeclaration } from './exemptions.js'
import { Losses } from './losses.js'
import {
  fnKey,
  type CallNode,
  type EntryPoint,
  type FnKey,
  type FnRef,
  type SignalSource,
} from './model.js'
import { findCalls, findCallsFrom } from './nodes.js'
import { beginsTransaction } from './sql.js'
import type { Scene } from './sources.js'
import { callbackAround } from './transactions.js'
import { Units } from './units.js'

export interface AnalysisOptions {
  readonly catalog?: Catalog
  /** Names that stand for a signal where there are no types. */
  readonly signalNames?: readonly string[]
  /** Test, migration and generated files: read for their callers, never reported. */
  readonly isExempt?: (path: string) => boolean
  readonly ask?: Ask
  /** Of a file that makes an application, the handlers of all that it imports are looked at too. */
  readonly propagation?: 'explicit' | 'ambient'
}

/** What becomes of the signal at a call. */
export type Verdict =
  /** A signal is passed, or cannot be told not to be. */
  | 'passed'
  /** Not passed, though one is in scope: the place where it is lost. */
  | 'lost'
  /** Not passed, and none is in scope: the function around it would have to take one. */
  | 'wanting'
  | 'detached'
  /** Others wait for the same promise: no one caller's signal may cancel it. */
  | 'shared'
  /** In a function that is kept, or listens, for longer than the signal at hand is any use. */
  | 'outlived'
  | 'exempt'
  /** Takes a signal and asks for none: passed one where the function around it comes to have one. */
  | 'idle'
  /** Runs as a part of another call, which gets the signal. */
  | 'part'
  /** Nothing below can be cancelled. */
  | 'irrelevant'

export interface Judgement {
  readonly node: CallNode
  readonly verdict: Verdict
  readonly sources: readonly SignalSource[]
  /** The function that would have to take a signal. */
  readonly unit: FnRef | undefined
}

/** The program with an opinion on each of its calls. */
export interface Analysis {
  readonly resolver: Resolver
  readonly scene: Scene
  readonly entries: ReadonlyMap<FnKey, EntryPoint>
  readonly calls: readonly CallNode[]
  readonly judgements: readonly Judgement[]
  readonly callers: ReadonlyMap<FnKey, readonly CallNode[]>
  /** Functions that need a signal, each with the call inside it that first asked for one. */
  readonly wanting: ReadonlyMap<FnKey, CallNode>
  /** Functions that only wait, for a client of the pool or a timer: nothing to report, but a signal would end the wait. */
  readonly idling: ReadonlyMap<FnKey, CallNode>
  readonly units: Units
  readonly usedMarkers: ReadonlySet<Marker>
  readonly isExempt: (path: string) => boolean
  /** Files whose findings are wanted. */
  readonly reported: ReadonlyMap<string, FileFacts>
}

const defaultNames = ['signal', 'abortSignal']

export function analyze(program: Program, options: AnalysisOptions = {}): Analysis {
  const resolver = new Resolver(program, options.catalog ?? createCatalog(), options.ask)
  const signalNames = new Set(options.signalNames ?? defaultNames)
  const calls = findCalls(resolver, signalNames)
  return judge(resolver, calls, program.files.keys(), program.files, options)
}

/**
 * The verdicts on one file's calls, by what it imports: the files of `within`. The resolver may serve many
 * files, as it keeps what it has found out: its program may grow, but no file of it may change.
 */
export function analyzeFile(
  resolver: Resolver,
  file: string,
  within: FileSet,
  options: Omit<AnalysisOptions, 'catalog' | 'ask'> = {},
): Analysis {
  resolver.within = within
  const signalNames = new Set(options.signalNames ?? defaultNames)
  const isWhole = options.propagation === 'ambient' && mayMakeApp(resolver, file)
  const calls = isWhole
    ? findCalls(resolver, signalNames)
    : findCallsFrom(resolver, signalNames, file, openIn(resolver, file, signalNames, options))
  const reached = isWhole ? within : new Set([file, ...calls.map((each) => each.file)])
  const reported = new Map([[file, resolver.program.facts(file)]])
  return judge(resolver, calls, reached, reported, options)
}

/**
 * Whether something could be said of a call if what it leads to wants a signal: one is at hand, it is set free,
 * others wait for it, or a transaction stands around it. Of other calls only their own callers in the file need to
 * know what they lead to.
 */
function openIn(
  resolver: Resolver,
  file: string,
  signalNames: ReadonlySet<string>,
  options: Omit<AnalysisOptions, 'catalog' | 'ask'>,
): (node: CallNode) => boolean {
  const { exprs, calls } = resolver.program.facts(file)
  // A race against a timer is asked what it leads to, whatever is at hand.
  const isRacing = exprs.some((each) => each.k === 'member' && each.name === 'race')
  if (isRacing || options.propagation === 'ambient') return () => true
  const entries = findEntryPoints(resolver, [file])
  const scene: Scene = { resolver, entries, signalNames, calledEntries: new Set() }
  const losses = new Losses(scene, exemptionIn(resolver, options))
  const begun = new Set(calls.filter((each) => sendsBegin(exprs, each)).map((each) => each.fn))
  return (node) => {
    if (begun.has(node.fn) || callbackAround(resolver, node)) return true
    if (node.slot && node.given.k !== 'missing') return false
    const verdict = losses.verdict(node)
    return verdict === 'lost' || verdict === 'detached' || isUnbound(verdict)
  }
}

/** `client.query('BEGIN')` */
function sendsBegin(exprs: FileFacts['exprs'], { expr }: CallSite): boolean {
  const call = exprs[expr]
  const text = call?.k === 'call' ? exprs[call.args[0] ?? -1] : undefined
  return text?.k === 'str' && beginsTransaction(text.value)
}

function judge(
  resolver: Resolver,
  found: readonly CallNode[],
  files: Iterable<string>,
  reported: ReadonlyMap<string, FileFacts>,
  options: AnalysisOptions,
): Analysis {
  const entries = findEntryPoints(resolver, files)
  const signalNames = new Set(options.signalNames ?? defaultNames)
  const calledEntries = new Set(
    found.flatMap(({ targets }) => targets.map(fnKey).filter((key) => entries.has(key))),
  )
  const scene: Scene = { resolver, entries, signalNames, calledEntries }
  const calls = found.map((node) => withoutHandlers(node, entries))
  const callers = callersOf(calls)
  const units = new Units(resolver, entries, callers)
  const isExempt = exemptionIn(resolver, options)
  return new Judge(scene, calls, callers, units, isExempt, reported).run()
}

function exemptionIn(
  { program }: Resolver,
  { isExempt }: Pick<AnalysisOptions, 'isExempt'>,
): (path: string) => boolean {
  return (path) => isExempt?.(path) === true || program.files.get(path)?.generated === true
}

/** A handler is called by its framework, whoever else mentions it. */
function withoutHandlers(node: CallNode, entries: ReadonlyMap<FnKey, EntryPoint>): CallNode {
  const targets = node.targets.filter((each) => !entries.has(fnKey(each)))
  return targets.length === node.targets.length
    ? node
    : { ...node, targets, slot: node.sink ? node.slot : undefined }
}

class Judge {
  readonly losses: Losses
  readonly #wanting = new Map<FnKey, CallNode>()
  readonly #verdicts = new Map<number, Verdict>()
  readonly #idling = new Map<FnKey, CallNode>()

  constructor(
    readonly scene: Scene,
    readonly calls: readonly CallNode[],
    readonly callers: ReadonlyMap<FnKey, readonly CallNode[]>,
    readonly units: Units,
    readonly isExempt: (path: string) => boolean,
    readonly reported: ReadonlyMap<string, FileFacts>,
  ) {
    this.losses = new Losses(scene, isExempt, (fn) => callers.has(fnKey(fn)))
  }

  run(): Analysis {
    const queue: FnRef[] = []
    for (const node of this.calls) {
      const verdict = this.#judgeAlone(node)
      if (!verdict) continue
      this.#verdicts.set(node.id, verdict)
      if (verdict === 'wanting') this.#want(node, queue)
    }
    for (let ref = queue.shift(); ref; ref = queue.shift()) this.#askCallers(ref, queue)
    this.#askIdly()
    return {
      resolver: this.scene.resolver,
      scene: this.scene,
      entries: this.scene.entries,
      calls: this.calls,
      callers: this.callers,
      judgements: [...this.calls.map((node) => this.#judgement(node)), ...this.#foreign()],
      wanting: this.#wanting,
      idling: this.#idling,
      units: this.units,
      usedMarkers: this.losses.usedMarkers,
      isExempt: this.isExempt,
      reported: this.reported,
    }
  }

  /** The verdict on a call that takes a signal itself; undefined where it depends on what it leads to. */
  #judgeAlone(node: CallNode): Verdict | undefined {
    if (!node.slot) return node.sink && this.losses.isExemptFile(node) ? 'exempt' : undefined
    if (node.given.k !== 'missing') return 'passed'
    return this.losses.verdict(node)
  }

  #want(node: CallNode, queue: FnRef[]): void {
    const unit = this.units.of({ file: node.file, fn: node.fn })
    if (!unit || this.#wanting.has(fnKey(unit))) return
    this.#wanting.set(fnKey(unit), node)
    queue.push(unit)
  }

  #askCallers(ref: FnRef, queue: FnRef[]): void {
    if (markerOnDeclaration(this.scene.resolver, ref)) return
    for (const node of this.callers.get(fnKey(ref)) ?? []) {
      if (this.#verdicts.has(node.id)) continue
      const verdict = this.losses.verdict(node)
      this.#verdicts.set(node.id, verdict)
      if (verdict === 'wanting') this.#want(node, queue)
    }
  }

  /** The same for calls that merely wait: their callers pass a signal where they are changed anyway. */
  #askIdly(): void {
    const queue = this.calls.filter((each) => this.#verdicts.get(each.id) === 'idle')
    for (let node = queue.shift(); node; node = queue.shift()) {
      const unit = this.units.of({ file: node.file, fn: node.fn })
      if (!unit || this.#wanting.has(fnKey(unit)) || this.#idling.has(fnKey(unit))) continue
      if (markerOnDeclaration(this.scene.resolver, unit)) continue
      this.#idling.set(fnKey(unit), node)
      for (const caller of this.callers.get(fnKey(unit)) ?? []) {
        if (this.#verdicts.has(caller.id)) continue
        const verdict = this.losses.verdict(caller)
        const isOpen = verdict === 'lost' || verdict === 'wanting'
        this.#verdicts.set(caller.id, isOpen ? 'idle' : verdict)
        if (verdict === 'wanting') queue.push(caller)
      }
    }
  }

  /** Calls of which nothing is known but that they take a signal. */
  #foreign(): readonly Judgement[] {
    const { ask } = this.scene.resolver
    const files = ask ? [...this.reported.keys()].filter((each) => !this.isExempt(each)) : []
    const known = new Set(files.length > 0 ? this.calls.map((each) => each.site) : [])
    return files
      .flatMap((file) => foreignCalls(this.scene, file, known))
      .map((node) => ({
        node,
        verdict: this.losses.verdict(node),
        sources: this.losses.sources(node),
        unit: undefined,
      }))
  }

  #judgement(node: CallNode): Judgement {
    const verdict =
      node.partOf === undefined
        ? (this.#verdicts.get(node.id) ?? 'irrelevant')
        : asPart(this.#verdicts.get(node.partOf))
    return {
      node,
      verdict,
      sources:
        verdict === 'lost' || verdict === 'passed' || verdict === 'idle'
          ? this.losses.sources(node)
          : [],
      unit: this.units.of({ file: node.file, fn: node.fn }),
    }
  }
}

/** A part is done where the whole is. */
function asPart(whole: Verdict | undefined): Verdict {
  return whole === 'passed' || whole === 'detached' || whole === 'exempt' ? whole : 'part'
}

/** Not to be given one caller's signal. */
export function isUnbound(verdict: Verdict): boolean {
  return verdict === 'shared' || verdict === 'outlived'
}

export function sinkStatus(judgement: Judgement): SinkStatus {
  switch (judgement.verdict) {
    case 'passed':
      return 'propagated'
    case 'detached':
      return 'detached'
    case 'exempt':
      return 'exempt'
    case 'part':
      return 'missing'
    case 'lost':
    case 'wanting':
    case 'idle':
    case 'irrelevant':
    case 'shared':
    case 'outlived':
      return judgement.node.slot ? 'missing' : 'unsupported'
  }
}
