import { createRule } from '../create-rule.js'
import type { Context } from '../host/eslint.js'
import { reportFindings } from '../report/report.js'

type NoSignalInScope = 'report' | 'off'

/**
 * A call that does I/O on a database or a downstream service gets neither signal nor deadline.
 *
 * Reported: a call that the catalog knows as a sink, where nothing is passed in the place of its signal:
 * - and a signal is in scope: fixed, where the receiver is the library's own and one signal is the best;
 * - and only the handler's request is: fixed with the runtime's `requestSignal(request)`;
 * - and none is in scope (`noSignalInScope: 'report'`): a suggestion adds the parameter;
 * - and nobody waits for it (`void`, a timer): reported without a fix, as only a person can decide.
 *
 * Not reported: a receiver that is not the library's (`Map.find`, another class called Pool); options
 * or spread arguments that may hold a signal; an explicit `undefined`; COMMIT, ROLLBACK and what else ends
 * or cleans up, calls in `finally`, calls at the top of a module; inside `withSignal` or `detached`; a call
 * or declaration marked `// ctx:detached -- reason`; tests, migrations, generated files; sinks below a call
 * of the same file that is reported itself.
 */
export const requireSignal = createRule({
  name: 'require-signal',
  description: 'require a signal or a deadline for calls that do I/O',
  recommended: true,
  fixable: true,
  hasSuggestions: true,
  schema: [
    {
      type: 'object',
      properties: {
        noSignalInScope: {
          description: 'Whether a call is reported that no signal in scope could be passed to.',
          type: 'string',
          enum: ['report', 'off'],
        },
      },
      additionalProperties: false,
    },
  ],
  defaultOptions: [{ noSignalInScope: 'report' }],
  create(context: Context) {
    const [options] = context.options as [{ noSignalInScope?: NoSignalInScope }?]
    reportFindings(context, 'require-signal', options?.noSignalInScope ?? 'report')
  },
})
