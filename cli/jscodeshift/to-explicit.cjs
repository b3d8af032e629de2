module.exports = require('../dist/jscodeshift/transform.cjs')('to-explicit')
