module.exports = require('../dist/jscodeshift/transform.cjs')('to-ambient')
