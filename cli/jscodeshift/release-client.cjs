module.exports = require('../dist/jscodeshift/transform.cjs')('release-client')
