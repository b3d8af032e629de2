import { createRequire } from 'node:module'
import { createConfigs, type Configs } from './configs.js'
import type { CtxRule } from './create-rule.js'
import { deriveInHandler } from './rules/derive-in-handler.js'
import { detachedNeedsReason } from './rules/detached-needs-reason.js'
import { disposeDeadline } from './rules/dispose-deadline.js'
import { forwardSignal } from './rules/forward-signal.js'
import { noDetachedSignal } from './rules/no-detached-signal.js'
import { noEscapingRequestSignal } from './rules/no-escaping-request-signal.js'
import { noIneffectiveCancel } from './rules/no-ineffective-cancel.js'
import { noLazyQueryEscape } from './rules/no-lazy-query-escape.js'
import { noOuterClientInTransaction } from './rules/no-outer-client-in-transaction.js'
import { noSignalInLoop } from './rules/no-signal-in-loop.js'
import { noSwallowedAbort } from './rules/no-swallowed-abort.js'
import { releaseClient } from './rules/release-client.js'
import { requireDeadline } from './rules/require-deadline.js'
import { requireSignal } from './rules/require-signal.js'

const manifest = createRequire(import.meta.url)('../package.json') as {
  name: string
  version: string
}

export const meta = { name: manifest.name, version: manifest.version, namespace: 'ctx' }

export const rules: Readonly<Record<string, CtxRule>> = {
  'require-signal': requireSignal,
  'forward-signal': forwardSignal,
  'derive-in-handler': deriveInHandler,
  'no-detached-signal': noDetachedSignal,
  'detached-needs-reason': detachedNeedsReason,
  'dispose-deadline': disposeDeadline,
  'no-ineffective-cancel': noIneffectiveCancel,
  'no-escaping-request-signal': noEscapingRequestSignal,
  'no-signal-in-loop': noSignalInLoop,
  'no-lazy-query-escape': noLazyQueryEscape,
  'no-outer-client-in-transaction': noOuterClientInTransaction,
  'no-swallowed-abort': noSwallowedAbort,
  'release-client': releaseClient,
  'require-deadline': requireDeadline,
}

const plugin = { meta, rules, configs: {} as Configs }
Object.assign(plugin.configs, createConfigs(plugin))

export const { configs } = plugin
export default plugin
