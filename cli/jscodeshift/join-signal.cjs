module.exports = require('../dist/jscodeshift/transform.cjs')('join-signal')
