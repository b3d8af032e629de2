module.exports = require('../dist/jscodeshift/transform.cjs')('cancel-strategy')
