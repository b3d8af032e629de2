import plugin from 'eslint-plugin-ctx'

/** Not about propagation: the verdicts of the cases say nothing about them. */
const left = new Set(['require-deadline', 'release-client'])

/** The rules as the linters are asked for the cases. */
export function judgedRules() {
  const names = Object.keys(plugin.rules).filter((name) => !left.has(name))
  return Object.fromEntries(
    names.map((name) => [
      `ctx/${name}`,
      name === 'require-signal' ? ['error', { noSignalInScope: 'off' }] : 'error',
    ]),
  )
}
