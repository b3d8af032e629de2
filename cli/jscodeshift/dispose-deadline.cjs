module.exports = require('../dist/jscodeshift/transform.cjs')('dispose-deadline')
