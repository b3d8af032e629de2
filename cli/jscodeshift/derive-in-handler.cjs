module.exports = require('../dist/jscodeshift/transform.cjs')('derive-in-handler')
