import type { CtxRule } from './create-rule.js'
import type { CtxSettings } from './host/settings.js'

type Severity = 'error' | 'warn' | 'off'
/** Not readonly: the types of ESLint's `defineConfig` take it as it is. */
type RuleEntry = Severity | [Severity, ...unknown[]]

export interface FlatConfig {
  readonly name: string
  readonly plugins: Readonly<Record<string, object>>
  readonly rules: Readonly<Record<string, RuleEntry>>
  readonly settings?: Settings
}

export interface LegacyConfig {
  readonly plugins: string[]
  readonly rules: Readonly<Record<string, RuleEntry>>
  readonly settings?: Settings
}

/** No interface: only an object type may stand where ESLint's types want an index signature. */
type Settings = Readonly<Record<string, unknown>> & { readonly ctx: CtxSettings }

/** Where a signal is at hand and lost: every report is a mistake or asks for a decision. */
const recommended: Readonly<Record<string, RuleEntry>> = {
  'ctx/require-signal': ['error', { noSignalInScope: 'report' }],
  'ctx/forward-signal': 'error',
  'ctx/derive-in-handler': 'error',
  'ctx/no-detached-signal': 'error',
  'ctx/detached-needs-reason': 'warn',
  'ctx/no-ineffective-cancel': 'error',
  'ctx/no-escaping-request-signal': 'error',
  'ctx/no-signal-in-loop': 'error',
  'ctx/dispose-deadline': 'error',
  'ctx/release-client': 'error',
  'ctx/no-outer-client-in-transaction': 'error',
  'ctx/no-lazy-query-escape': 'error',
}

const strict: Readonly<Record<string, RuleEntry>> = {
  ...recommended,
  'ctx/detached-needs-reason': 'error',
  'ctx/require-deadline': 'error',
  'ctx/no-swallowed-abort': 'error',
}

/** Nothing is passed: what is asked is that every entry point that reaches a database puts a signal around it. */
const ambient: Settings = { ctx: { propagation: 'ambient' } }

type Name = 'recommended' | 'strict' | 'ambient' | 'all'

export type Configs = Readonly<Record<Name, FlatConfig> & Record<`legacy-${Name}`, LegacyConfig>>

/** The same rules typed and untyped: with type information they see more, without it they need no other set. */
export function createConfigs(plugin: {
  readonly rules: Readonly<Record<string, CtxRule>>
}): Configs {
  const all = Object.fromEntries(
    Object.keys(plugin.rules).map((name) => [`ctx/${name}`, 'error' as const]),
  )
  const flat = (name: Name, rules: FlatConfig['rules'], settings?: Settings): FlatConfig => ({
    name: `ctx/${name}`,
    plugins: { ctx: plugin },
    rules,
    ...(settings ? { settings } : {}),
  })
  const legacy = (rules: LegacyConfig['rules'], settings?: Settings): LegacyConfig => ({
    plugins: ['ctx'],
    rules,
    ...(settings ? { settings } : {}),
  })
  return {
    recommended: flat('recommended', recommended),
    strict: flat('strict', strict),
    ambient: flat('ambient', recommended, ambient),
    all: flat('all', all),
    'legacy-recommended': legacy(recommended),
    'legacy-strict': legacy(strict),
    'legacy-ambient': legacy(recommended, ambient),
    'legacy-all': legacy(all),
  }
}
