/** @type {import('eslint-doc-generator').GenerateOptions} */
export default {
  pathRuleDoc: '../docs/rules/{name}.md',
  pathRuleList: '../docs/rules/README.md',
  ruleDocTitleFormat: 'name',
  configEmoji: [
    ['recommended', '✅'],
    ['strict', '🔒'],
    ['ambient', '🌫️'],
  ],
  ignoreConfig: ['all', 'legacy-recommended', 'legacy-strict', 'legacy-ambient', 'legacy-all'],
}
