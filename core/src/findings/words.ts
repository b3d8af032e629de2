import type { Reason, Refusal } from './reasons.js'

/**
 * The sentence for each reason. `{name}` is the callee, `{source}` the signal at hand, `{use}` how this callee is given
 * it, `{chain}` the way to the sink.
 */
export const reasonWords: Record<Reason, string> = {
  'sink-without-signal':
    '{name} gets no signal: {use}, or the {work} runs on when the caller has gone.',
  'sink-without-signal-no-source':
    '{name} gets neither signal nor deadline, and none is in scope: take a `signal?: AbortSignal` parameter, or mark the call `// ctx:detached -- reason`.',
  'sink-without-signal-in-handler':
    '{name} in a request handler gets no signal: {use}, or the {work} runs on when the client has gone.',
  'sink-without-signal-in-job':
    '{name} in a job or a listener gets no signal: {use}, or nothing bounds the {work}.',
  'callee-accepts-signal': '{name} takes a signal and gets none: {use}.{chain}',
  'callee-drops-signal':
    'The signal {source} is lost here: {name} takes none. Let it take one, and pass {source}.{chain}',
  'handler-derives-nothing':
    'This handler derives no signal from its request, so {name} cannot be cancelled: {use}.{chain}',
  'job-derives-nothing':
    'This job or listener has no signal, so {name} cannot be cancelled: {use}.{chain}',
  'handler-given-no-request':
    "{name} gets no signal, and this handler is given no request to derive one from: `propagation: 'ambient'` gives it that of its caller, or one of its own.{chain}",
  'app-establishes-nothing':
    '{name} has {count} a database, and puts no signal around them: add {source}, or their statements run on when the client has gone.',
  'entry-establishes-nothing':
    'Nothing puts a signal around {name}: use {source}, or its statements run on when the client has gone or its time is up.',
  'handler-listens-to-request-close':
    "The request's `close` fires when its body has been read, not when the client goes away: use the runtime's `requestSignal` on {source}.",
  'handler-uses-broken-signal': "{name} {why}: use the runtime's `requestSignal` on {source}.",
  'fresh-signal-unlinked':
    '{name} gets a signal that nothing but its own timer or controller aborts, though {source} is in scope: derive it with `deriveSignal` or `AbortSignal.any`.',
  'fresh-signal-on-one-branch':
    'On one branch this signal is not derived from {source}: what is called with it outlives the caller. Derive it with `deriveSignal` or `AbortSignal.any`.',
  'outer-signal-shadowed':
    '{name} gets the signal of an outer object although the nearer {source} is in scope: pass {source}.',
  'deferred-work-unmarked':
    '{name} runs later, when nobody waits for it: await it with {source}, or mark it `// ctx:detached -- reason`.',
  'unawaited-work-unmarked':
    'Nobody waits for {name}: wait for it with {source}, or mark it `// ctx:detached -- reason`.',
  'shared-work-unmarked':
    'What {name} gives is kept for other callers: give it a deadline of its own, and mark it `// ctx:detached -- reason`.',
  'outlived-work-unmarked':
    "{name} is called by a function that is kept for later, when the signal at hand has ended or is another caller's: give it a deadline of its own, and mark it `// ctx:detached -- reason`.",
  'surrounded-work-unmarked':
    "{name} is not awaited, and the request's signal surrounds it: run it in `detached('reason', () => …)` if it must outlive the request.",
  'marked-work-surrounded':
    "A comment does not keep the signal that surrounds the request from {name}: run it in `detached('reason', () => …)`.",
  'timer-never-cleared':
    'The timer that aborts {source} is never cleared: it outlives the work that it bounds. Clear it in `finally`, or use `deriveSignal(signal, { timeoutMs })`.',
  'timer-cleared-on-one-path':
    'The timer that aborts {source} stays when something throws or returns early: clear it in `finally`, begun right behind it, or use `deriveSignal(signal, { timeoutMs })`.',
  'listener-never-removed':
    'This listener, which aborts {source}, stays on the signal when the work is done: remove it in `finally`, or derive the signal with `deriveSignal` or `AbortSignal.any`.',
  'signal-stored-in-module':
    "{name} keeps one caller's signal for the whole module: the next caller overwrites it. Pass it as an argument.",
  'signal-in-shared-work':
    "What {name} gives is kept for other callers, but one caller's signal cancels it for all: give it a deadline of its own.",
  'signal-in-background-work':
    "Nobody waits for {name}, but the request's signal cancels it: await it, or give it a deadline of its own.",
  'signal-derived-from-itself':
    'Every turn derives {name} from itself and leaves a listener behind: derive a new constant from the outer signal.',
  'client-never-released':
    '{name} is checked out of the pool and never released: call `{client}.release()` in `finally`.',
  'client-released-on-one-path':
    '{name} is not released when something throws: call `{client}.release()` in `finally`.',
  'signal-without-strategy':
    '{name} rejects when the signal aborts, but the statement runs on: add {source}.',
  'timeout-without-cancel':
    'This timeout only rejects, and the statement runs on: add {source} as its second argument.',
  'outer-client-in-transaction':
    '{name} runs outside of the transaction around it, on another connection: use {source}.',
  'helper-outside-transaction':
    '{name} runs its statements outside of the transaction around it, on another connection: let it take {source}, and pass {source}.{chain}',
  'signal-without-deadline':
    "{name} has no deadline: while the client waits, the {work} runs. Use the runtime's `requestSignal` on {source}, which has one.",
  'deadline-over-budget':
    '{name} lasts {count}, longer than {budget} allows: use {source} at most, or raise the budget in the settings.',
  'budget-unknown':
    'No budget of the settings is called {name}: use one of {known}, or add it to `budgets`.',
  'lazy-query-escapes':
    'This query runs when it is awaited, which is outside of the function that gives it its signal: await it here.',
  'abort-swallowed':
    'This `catch` makes an abort of {name} look like another outcome: rethrow when the signal is aborted.',
  'timeout-only-rejects':
    '{name} ends the wait in this process, and the statement runs on: use {source}, which reaches the server.',
  'marker-without-reason': 'A detached marker needs a reason: `// ctx:detached -- reason`.',
  'marker-unused': 'This detached marker marks nothing that would be reported: remove it.',
}

export const refusalWords: Record<Refusal, string> = {
  'receiver-may-intercept':
    'the receiver may be a proxy or another object that reads its arguments',
  'framework-fixes-signature':
    'a framework, or other code that is not part of the program, calls this function and fixes its parameters',
  'foreign-signature': 'the signature belongs to a library',
  'decorator-alters-arguments': 'a decorator calls it with other arguments than its callers give',
  'rest-parameter': 'a rest parameter must stay last',
  'more-arguments-given': 'a call gives it more arguments than it takes',
  'spread-arguments': 'the number of arguments is not known',
  'arguments-narrow-or-suspend': 'the arguments await, yield or rely on narrowing',
  'stream-or-iterator': 'the result is read later, by iteration or events',
  'callee-unknown': 'it is not known which function is called',
  'passed-as-value': 'the function is handed on as a value whose caller is not known',
  'uses-arguments-object': 'the function reads `arguments`',
  'constructor-or-accessor': 'constructors and accessors have no place for a signal',
  'signatures-differ':
    'its overloads, or the members that it overrides or implements, have other numbers of parameters',
  'overlaps-another-edit': 'another edit of the same text is needed first',
  'no-request-in-handler':
    "its framework gives this handler no request to derive a signal from: `propagation: 'ambient'` puts one around it",
  'request-by-option':
    "it is given the request only where an option asks for it (Passport: `passReqToCallback: true`): set that, take `req: Request` as the first parameter, and run again; or `propagation: 'ambient'`",
  'ambiguous-signals': 'several signals are equally near',
  'decide-detached': 'whether the work may be cancelled with the request is for a person to say',
  'outside-program': 'the function is declared outside the files given',
  'generated-or-declaration-file': 'the file is generated',
  'not-supported-library': 'the library cannot be cancelled',
  'new-type-error': 'the edit would not type-check',
  'rolled-back-with-dependency': 'an edit that it relies on was rolled back',
  'no-entry-point': 'no entry point is known to reach it',
  'handed-on':
    'it is handed to a wrapper, or put on another object, and it is not seen who calls it from there',
  'query-kept-for-later':
    'the query is put aside to run later, and a wrapper would start it at once: give the signal where it is awaited',
  'name-shadowed': 'the name is hidden by another of the same name',
  'options-are-data':
    'the options that it takes are listed, changed or sent on as a whole: one more key would be seen',
  'receiver-runs-again':
    'what it is taken from may be another, or do something, when an arrow works it out again',
  'in-parameter-default':
    'it stands in the default of a parameter, which is set before the signal is',
}
