module.exports = require('../dist/jscodeshift/transform.cjs')('detach')
