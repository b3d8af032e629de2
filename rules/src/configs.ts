import type { CtxRule } from './create-rule.js'

type Severity = 'error' | 'warn' | 'off'
type RuleEntry = Severity | readonly [Severity, ...unknown[]]

export interface FlatConfig {
  readonly name: string
  readonly plugins: Readonly<Record<string, object>>
  readonly rules: Readonly<Record<string, RuleEntry>>
}

export interface LegacyConfig {
  readonly plugins: readonly string[]
  readonly rules: Readonly<Record<string, RuleEntry>>
}

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
}

const strict: Readonly<Record<string, RuleEntry>> = {
  ...recommended,
  'ctx/detached-needs-reason': 'error',
}

export interface Configs {
  readonly recommended: FlatConfig
  readonly strict: FlatConfig
  readonly 'legacy-recommended': LegacyConfig
  readonly 'legacy-strict': LegacyConfig
}

/** The same rules typed and untyped: with type information they see more, without it they need no other set. */
export function createConfigs(plugin: {
  readonly rules: Readonly<Record<string, CtxRule>>
}): Configs {
  const flat = (name: string, rules: FlatConfig['rules']): FlatConfig => ({
    name: `ctx/${name}`,
    plugins: { ctx: plugin },
    rules,
  })
  const legacy = (rules: LegacyConfig['rules']): LegacyConfig => ({ plugins: ['ctx'], rules })
  return {
    recommended: flat('recommended', recommended),
    strict: flat('strict', strict),
    'legacy-recommended': legacy(recommended),
    'legacy-strict': legacy(strict),
  }
}
