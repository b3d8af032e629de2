import {
  acceptsOf,
  append,
  fnKey,
  isAmbiguous,
  nullishText,
  obtain,
  planPass,
  referenceToArrow,
  shifted,
  surroundOf,
  unestablishedEntries,
  type Analysis,
  type CallNode,
  type EntryPoint,
  type FnId,
  type FnKey,
  type FnRef,
  type ImportNeed,
  type ImportedNames,
  type Judgement,
  type Plan,
  type Refusal,
  type SignalSource,
  type Step,
  type StepId,
  type TextEdit,
} from '@ctx-fix/core'
import { findThreads, isUndecided } from './4-find-threads.js'
import { isTyped, planSignature, type SignaturePlan } from './5-plan-signatures.js'
import { givenBeforehand } from './given-beforehand.js'
import { SetupPlacer } from './7-plan-setup.js'
import { surroundSteps } from './surround-handlers.js'

export interface PlanContext {
  readonly analysis: Analysis
  readonly texts: ReadonlyMap<string, string>
  /** Whether a file may be edited: it was asked for, it is not generated, it is below the root. */
  readonly isEditable: (file: string) => boolean
  /** Sinks whose config form did not type-check: they are wrapped instead. */
  readonly wrapOnly: ReadonlySet<number>
  readonly isExact: boolean
  /** Whether a file is JavaScript that a type checker reads. */
  readonly isChecked: (file: string) => boolean
  /** What the steps import, under which local names. */
  readonly names: ImportedNames
}

export interface ProgramPlan extends Plan {
  /** Why a call, by the id of its node, was left as it is. */
  readonly refusals: ReadonlyMap<number, Refusal>
  /** The call that each call-site and sink step is about, with the slot that it has after the change. */
  readonly nodeOf: ReadonlyMap<StepId, CallNode>
}

interface Provider {
  readonly signal: string
  readonly step: StepId | undefined
  readonly source: SignalSource | undefined
}

/** The steps that bring a signal from where it is to where it is needed, or from some of those places. */
export function planSteps(
  context: PlanContext,
  isAsked: (judgement: Judgement) => boolean = () => true,
): ProgramPlan {
  return new Planner(context).run(isAsked)
}

interface MutableStep {
  id: StepId
  kind: Step['kind']
  edits: readonly TextEdit[]
  imports: readonly ImportNeed[]
  requires: StepId[]
  onlyIfRequired: boolean
  serves?: StepId[]
  label: string
}

class Planner {
  readonly #steps: MutableStep[] = []
  readonly #refusals = new Map<number, Refusal>()
  readonly #nodeOf = new Map<StepId, CallNode>()
  readonly #signatures = new Map<
    FnKey,
    { plan: SignaturePlan; step: MutableStep } | { refusal: Refusal }
  >()
  readonly #providers = new Map<string, Provider | { refusal: Refusal }>()
  readonly #declarations = new Map<string, StepId>()
  readonly #names = new Map<FnKey, Set<string>>()
  /** What the steps change, by its file. */
  readonly #taken = new Map<string, TextEdit[]>()
  /** Calls that a signal is to be passed at. */
  readonly #asked = new Set<number>()
  readonly #setups = new Map<string, StepId>()
  /** Which signatures are given a signal, and by the parameter of which other, where it is one's. */
  readonly #fed: { readonly targets: readonly StepId[]; readonly by: StepId | undefined }[] = []
  readonly #setup: SetupPlacer

  constructor(readonly context: PlanContext) {
    this.#setup = new SetupPlacer(context)
  }

  run(isAsked: (judgement: Judgement) => boolean): ProgramPlan {
    const threads = findThreads(this.context.analysis, isAsked)
    for (const { node } of threads.calls) this.#asked.add(node.id)
    for (const [key, unit] of threads.units) this.#addSignature(key, unit)
    for (const judgement of threads.calls) this.#addCall(judgement)
    this.#dropUnfed()
    const steps = [...this.#steps, ...this.#surroundings()]
    return { steps, refusals: this.#refusals, nodeOf: this.#nodeOf }
  }

  /** Wrappers that make the signals which handlers derive from. */
  #surroundings(): readonly Step[] {
    const { analysis } = this.context
    const { catalog } = analysis.resolver
    const isMeant = (entry: EntryPoint): boolean => surroundOf(catalog, entry)?.always === true
    if (![...analysis.entries.values()].some(isMeant)) return []
    const entries = unestablishedEntries(analysis).filter(isMeant)
    return surroundSteps(this.context, entries, this.#steps.length)
  }

  #add(step: Omit<MutableStep, 'id'>): MutableStep {
    const added = { ...step, id: this.#steps.length }
    this.#steps.push(added)
    for (const edit of step.edits) append(this.#taken, edit.file, edit)
    return added
  }

  #addSignature(key: FnKey, unit: FnRef): void {
    const { analysis } = this.context
    const plan = planSignature(this.context, unit)
    if ('refusal' in plan) {
      this.#signatures.set(key, plan)
      return
    }
    const fn = analysis.resolver.program.fn(unit.file, unit.fn)
    const step = this.#add({
      kind: 'signature',
      edits: [...plan.edits, ...this.#shieldReferences(key, plan)],
      imports: [],
      requires: [
        ...(plan.declaration ? [this.#declarationStep(plan.declaration)] : []),
        ...plan.shared.map((edit) => this.#sharedStep(edit)),
      ],
      onlyIfRequired: true,
      serves: [],
      label: `add the parameter ${plan.name} to ${fn.name === '' ? 'a function' : fn.name}`,
    })
    this.#signatures.set(key, { plan, step })
  }

  /** An interface that several classes implement gains its parameter once. */
  #sharedStep(edit: TextEdit): StepId {
    const key = `${edit.file}\0${edit.start}\0${edit.text}`
    return this.#declarationStep({ key, edit }, 'add the parameter signal to a declaration')
  }

  /** An options type that several functions take gains its key once. */
  #declarationStep(
    { key, edit }: NonNullable<SignaturePlan['declaration']>,
    label = 'add the key signal to an options type',
  ): StepId {
    const known = this.#declarations.get(key)
    if (known !== undefined) return known
    const step = this.#add({
      kind: 'signature',
      edits: [edit],
      imports: [],
      requires: [],
      onlyIfRequired: true,
      label,
    })
    this.#declarations.set(key, step.id)
    return step.id
  }

  /** `ids.map(load)` in a test or a script, where no signal is: an arrow, lest the index become one. */
  #shieldReferences(key: FnKey, plan: SignaturePlan): readonly TextEdit[] {
    const { analysis, texts, isEditable } = this.context
    return (analysis.callers.get(key) ?? []).flatMap((node) => {
      const isAsked = this.#asked.has(node.id)
      if (node.consumer !== 'iteration' || isAsked || !isEditable(node.file)) return []
      const { slot } = plan
      const arrow = referenceToArrow(analysis, node, texts.get(node.file) ?? '', slot, 'undefined')
      return 'edits' in arrow ? arrow.edits : []
    })
  }

  /**
   * Parameters that nothing gives a signal, since the calls that would have one were refused, are left out
   * with what passes them on: only what a chain ends in would be seen of them.
   */
  #dropUnfed(): void {
    const planned = [...this.#signatures.values()].flatMap((each) =>
      'step' in each ? [each.step] : [],
    )
    const fed = new Set<StepId>()
    for (let before = -1; before < fed.size;) {
      before = fed.size
      for (const { targets, by } of this.#fed)
        if (by === undefined || fed.has(by)) for (const each of targets) fed.add(each)
      // What an interface offers to one that implements it, it offers to all.
      const offered = new Set(planned.flatMap((each) => (fed.has(each.id) ? each.requires : [])))
      for (const { id, requires } of planned)
        if (requires.some((each) => offered.has(each))) fed.add(id)
    }
    const signatures = new Set(planned.map((each) => each.id))
    for (const step of this.#steps)
      if (step.requires.some((each) => signatures.has(each) && !fed.has(each)))
        step.onlyIfRequired = true
  }

  #addCall(judgement: Judgement): void {
    const { node } = judgement
    const refusal = this.#planCall(judgement)
    if (refusal) this.#refusals.set(node.id, refusal)
  }

  #planCall(judgement: Judgement): Refusal | undefined {
    const { node } = judgement
    const { analysis, texts, isEditable, isExact, wrapOnly, names } = this.context
    const slotted = this.#slotOf(node)
    if (!isEditable(node.file)) {
      // Another run, or a person, makes that call pass one.
      if ('requires' in slotted) this.#fed.push({ targets: slotted.requires, by: undefined })
      return 'outside-program'
    }
    if (isUndecided(judgement)) return 'decide-detached'
    if ('refusal' in slotted) return slotted.refusal
    // `load.apply(self, args)`: what the list holds is not written here.
    const { shift } = node
    const isList = shift !== undefined && 'list' in shift
    if (isList && analysis.resolver.program.expr(node.file, shift.list).k !== 'arr')
      return 'spread-arguments'
    const provider = this.#providerOf(judgement)
    if ('refusal' in provider) return provider.refusal
    if (this.#isBeforeBody(judgement)) return 'in-parameter-default'
    const nullish = provider.source?.nullish ?? { undefined: true, null: false }
    const signal = nullishText(provider.signal, nullish, acceptsOf(slotted.node))
    const text = texts.get(node.file) ?? ''
    const by = provider.source === undefined ? provider.step : undefined
    this.#fed.push({ targets: slotted.requires, by })
    if (slotted.requires.length > 0) {
      const given = givenBeforehand(analysis, slotted.node, text, signal)
      if (given === 'something else') return 'callee-unknown'
      if (given === 'signal') return undefined
    }
    const passed = planPass(analysis, slotted.node, text, signal, {
      wrapOnly: wrapOnly.has(node.id),
      taken: (file, fn) => this.#namesIn(file, fn),
      isExact: isExact && nullish.undefined,
      isChecked: isTyped(node.file) || this.context.isChecked(node.file),
      names,
    })
    if ('refusal' in passed) return passed.refusal
    if (passed.edits.some((each) => this.#isTaken(each))) return 'overlaps-another-edit'
    const step = this.#add({
      kind: node.sink ? 'sink' : 'call-site',
      edits: passed.edits,
      imports: passed.imports,
      requires: [
        ...slotted.requires,
        ...(provider.step === undefined ? [] : [provider.step]),
        ...this.#setupFor(node),
      ],
      onlyIfRequired: false,
      label: `pass ${signal} to ${node.name}`,
    })
    // Were the reference left, what iterates would give an index for a signal.
    if (node.kind === 'reference' && node.consumer === 'iteration')
      for (const each of slotted.requires) this.#steps[each]?.requires.push(step.id)
    this.#nodeOf.set(step.id, slotted.node)
    this.#noteService(provider.step, step, slotted.requires)
    return undefined
  }

  /** A parameter's default is worked out before what comes behind it, or is declared in the body, has its value. */
  #isBeforeBody({ node, unit, sources: [source] }: Judgement): boolean {
    const { program } = this.context.analysis.resolver
    const { start } = program.expr(node.file, node.expr)
    const isNew = source === undefined ? unit?.fn === node.fn : source.kind === 'request'
    return isNew && start < program.fn(node.file, node.fn).body.start
  }

  /** Whether another step changes the same text. */
  #isTaken(edit: TextEdit): boolean {
    return (this.#taken.get(edit.file) ?? []).some(
      (each) => each.start < edit.end && edit.start < each.end,
    )
  }

  #namesIn(file: string, fn: FnId): Set<string> {
    const key = fnKey({ file, fn })
    const names = this.#names.get(key) ?? new Set()
    this.#names.set(key, names)
    return names
  }

  /** A parameter is of use by what passes it on, other than to the function itself. */
  #noteService(provider: StepId | undefined, step: MutableStep, targets: readonly StepId[]): void {
    if (provider === undefined || targets.includes(provider)) return
    this.#steps[provider]?.serves?.push(step.id)
  }

  /** The slot of a call, and the signatures that have to change for it. */
  #slotOf(node: CallNode): { node: CallNode; requires: StepId[] } | { refusal: Refusal } {
    if (node.slot) return { node, requires: [] }
    const { analysis } = this.context
    const plans: { plan: SignaturePlan; step: MutableStep }[] = []
    const others: FnRef[] = []
    let refused: Refusal | undefined
    for (const target of node.targets) {
      const found = this.#signatures.get(fnKey(analysis.units.of(target) ?? target))
      if (found && !('refusal' in found)) plans.push(found)
      else others.push(target)
      if (found && 'refusal' in found) refused = found.refusal
    }
    const [first] = plans
    if (!first) return { refusal: refused ?? 'callee-unknown' }
    const { slot } = first.plan
    if (plans.some(({ plan }) => plan.slot.index !== slot.index || plan.slot.kind !== slot.kind))
      return { refusal: 'signatures-differ' }
    const own = shifted(slot, node.shift)
    if (!own) return { refusal: 'callee-unknown' }
    // One key more in options that are passed anyway is mistaken for nothing.
    const isKey = own.kind === 'option' && this.#givesArgumentAt(node, own.index)
    if (!isKey && others.some((each) => this.#hasParameterAt(each, slot.index)))
      return { refusal: refused ?? 'signatures-differ' }
    return { node: { ...node, slot: own }, requires: plans.map((each) => each.step.id) }
  }

  #givesArgumentAt({ file, expr }: CallNode, index: number): boolean {
    const call = this.context.analysis.resolver.program.expr(file, expr)
    return call.k === 'call' && call.args.length > index
  }

  /** What else the call may lead to would take the signal for something else. */
  #hasParameterAt({ file, fn }: FnRef, index: number): boolean {
    const { params, usesArguments } = this.context.analysis.resolver.program.fn(file, fn)
    return usesArguments || params.length > index || params.at(-1)?.rest === true
  }

  #providerOf(judgement: Judgement): Provider | { refusal: Refusal } {
    if (judgement.node.unawaited) return { refusal: 'decide-detached' }
    if (judgement.sources.length === 0) {
      const found = judgement.unit && this.#signatures.get(fnKey(judgement.unit))
      if (!found) return { refusal: 'no-entry-point' }
      if ('refusal' in found) return found
      return { signal: found.plan.name, step: found.step.id, source: undefined }
    }
    const [source] = judgement.sources
    if (!source) return { refusal: 'no-entry-point' }
    if (source.hidden === true) return { refusal: 'name-shadowed' }
    if (isAmbiguous(judgement.sources)) return { refusal: 'ambiguous-signals' }
    return this.#providerFrom(judgement.node.file, source)
  }

  #providerFrom(file: string, source: SignalSource): Provider | { refusal: Refusal } {
    const key = `${file}\0${source.kind}\0${source.fn}\0${source.text}`
    const known = this.#providers.get(key)
    if (known) return known
    const { analysis, texts, names } = this.context
    const facts = analysis.resolver.program.facts(file)
    const obtained = obtain(facts, texts.get(file) ?? '', source, names)
    const provider: Provider | { refusal: Refusal } =
      'refusal' in obtained
        ? obtained
        : { signal: obtained.signal, source, step: this.#deriveStep(obtained) }
    this.#providers.set(key, provider)
    return provider
  }

  #deriveStep(obtained: {
    signal: string
    edits: readonly TextEdit[]
    imports: readonly ImportNeed[]
  }): StepId | undefined {
    if (obtained.edits.length === 0 && obtained.imports.length === 0) return undefined
    return this.#add({
      kind: 'derive',
      edits: obtained.edits,
      imports: obtained.imports,
      requires: [],
      onlyIfRequired: true,
      label: `derive ${obtained.signal}`,
    }).id
  }

  /** The runtime's import, once a process, for the sinks that it makes cancellable. */
  #setupFor(node: CallNode): StepId[] {
    if (node.sink?.library.kind !== 'database') return []
    return this.#setup.needsOf(node).map((need) => {
      const key = `${need.module}\0${need.file}`
      const known = this.#setups.get(key)
      if (known !== undefined) return known
      const step = this.#add({
        kind: 'setup',
        edits: need.edits,
        imports: need.isImported ? [] : [need],
        requires: [],
        onlyIfRequired: true,
        label: `import ${need.module}`,
      })
      this.#setups.set(key, step.id)
      return step.id
    })
  }
}
