module.exports = require('../dist/jscodeshift/transform.cjs')('race-to-signal')
