/** @type {import('eslint-doc-generator').GenerateOptions} */
export default {
  pathRuleDoc: '../docs/rules/{name}.md',
  pathRuleList: '../docs/rules/README.md',
  ruleDocTitleFormat: 'name',
  configEmoji: [
    ['recommended', '✅'],
    ['strict', '🔒'],
  ],
  ignoreConfig: ['legacy-recommended', 'legacy-strict'],
}
