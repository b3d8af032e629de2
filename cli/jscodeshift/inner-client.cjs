module.exports = require('../dist/jscodeshift/transform.cjs')('inner-client')
