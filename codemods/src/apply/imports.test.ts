import { describe, expect, test } from 'vitest'
import type { ImportNeed } from '@ctx-fix/core'
import { planImports } from './imports.js'
import { readModuleShape } from './module-shape.js'
import { renderFile } from './render.js'

type Need = Omit<ImportNeed, 'file'>

const SIGNAL: Need = { module: 'rt', name: 'requestSignal' }
const WITH: Need = { module: 'rt', name: 'withSignal' }
const TYPE: Need = { module: 'rt', name: 'Budget', typeOnly: true }
const BARE: Need = { module: 'rt/pg' }
const FIRST: Need = { ...BARE, first: true }

function withImports(file: string, text: string, needs: readonly Need[]): string {
  const owned = needs.map((need, index) => ({ ...need, file, steps: [index] }))
  return renderFile(text, planImports(text, readModuleShape(file, text), owned)).text
}

type Case = readonly [situation: string, before: string, needs: readonly Need[], after: string]

/** Whoever imports twice, imports once. */
function expectImports(file: string, [, before, needs, after]: Case) {
  const rendered = withImports(file, before, needs)
  expect(rendered).toBe(after)
  expect(withImports(file, rendered, needs)).toBe(after)
}

const joining: Case[] = [
  ['one name', "import { a } from 'rt'\n", [SIGNAL], "import { a, requestSignal } from 'rt'\n"],
  [
    'several names',
    "import { a } from 'rt'\n",
    [SIGNAL, WITH],
    "import { a, requestSignal, withSignal } from 'rt'\n",
  ],
  ['a trailing comma', 'import {a,} from "rt";', [SIGNAL], 'import {a, requestSignal,} from "rt";'],
  [
    'one name a line',
    "import {\n  a,\n  b,\n} from 'rt'\n",
    [SIGNAL],
    "import {\n  a,\n  b,\n  requestSignal,\n} from 'rt'\n",
  ],
  [
    'one name a line without trailing comma, CRLF',
    "import {\r\n\ta,\r\n\tb\r\n} from 'rt'\r\n",
    [SIGNAL],
    "import {\r\n\ta,\r\n\tb,\r\n\trequestSignal\r\n} from 'rt'\r\n",
  ],
  [
    'a default import',
    "import rt from 'rt'\n",
    [SIGNAL],
    "import rt, { requestSignal } from 'rt'\n",
  ],
  [
    'a default import with names',
    "import rt, { a } from 'rt'\n",
    [SIGNAL],
    "import rt, { a, requestSignal } from 'rt'\n",
  ],
  [
    'a namespace import, which takes no names',
    "import * as rt from 'rt'\n",
    [SIGNAL],
    "import * as rt from 'rt'\nimport { requestSignal } from 'rt'\n",
  ],
  [
    'a type import, which takes no values',
    "import type { A } from 'rt'\n",
    [SIGNAL],
    "import type { A } from 'rt'\nimport { requestSignal } from 'rt'\n",
  ],
  [
    'a type into a type import',
    "import type { A } from 'rt'\n",
    [TYPE],
    "import type { A, Budget } from 'rt'\n",
  ],
  [
    'a type among values',
    "import { a } from 'rt'\n",
    [TYPE],
    "import { a, type Budget } from 'rt'\n",
  ],
  [
    'a default type import, which takes nothing',
    "import type Rt from 'rt'\n",
    [TYPE],
    "import type Rt from 'rt'\nimport type { Budget } from 'rt'\n",
  ],
  [
    'another local name',
    "import { a } from 'rt'\n",
    [{ ...SIGNAL, local: 'requestSignal2' }],
    "import { a, requestSignal as requestSignal2 } from 'rt'\n",
  ],
  [
    'the same name imported under another local name',
    "import { requestSignal as rs } from 'rt'\n",
    [SIGNAL],
    "import { requestSignal as rs, requestSignal } from 'rt'\n",
  ],
  [
    'what is there already',
    "import { requestSignal } from 'rt'\n",
    [SIGNAL],
    "import { requestSignal } from 'rt'\n",
  ],
  [
    'a type that is there as a value',
    "import { Budget } from 'rt'\n",
    [TYPE],
    "import { Budget } from 'rt'\n",
  ],
  ['a side effect that is there', "import 'rt/pg'\n", [BARE], "import 'rt/pg'\n"],
  [
    'a need of several steps',
    "import 'x'\n",
    [SIGNAL, SIGNAL],
    "import 'x'\nimport { requestSignal } from 'rt'\n",
  ],
  [
    'attributes',
    "import { a } from 'rt' with { type: 'x' }\n",
    [SIGNAL],
    "import { a, requestSignal } from 'rt' with { type: 'x' }\n",
  ],
]

test.each(joining)('joins an import: %s', (...args) => {
  expectImports('a.ts', args)
})

const placing: Case[] = [
  [
    'after the last import, in its style',
    'import a from "a";\nimport b from "b"; // why\n\nf();\n',
    [SIGNAL, BARE],
    'import a from "a";\nimport b from "b"; // why\nimport { requestSignal } from "rt";\nimport "rt/pg";\n\nf();\n',
  ],
  [
    'CRLF',
    "import a from 'a'\r\nf()\r\n",
    [SIGNAL],
    "import a from 'a'\r\nimport { requestSignal } from 'rt'\r\nf()\r\n",
  ],
  [
    'code on the line of the import',
    "import a from 'a'; f();\n",
    [BARE],
    "import a from 'a';\nimport 'rt/pg';\n f();\n",
  ],
  [
    'import equals',
    "import a = require('a')\nf()\n",
    [BARE],
    "import a = require('a')\nimport 'rt/pg'\nf()\n",
  ],
  ['an empty file', '', [BARE], "import 'rt/pg'\n"],
  [
    'no imports',
    'export const a = "x";\n',
    [SIGNAL],
    'import { requestSignal } from "rt";\n\nexport const a = "x";\n',
  ],
  ['a BOM', '\uFEFFexport const a = 1\n', [BARE], "\uFEFFimport 'rt/pg'\n\nexport const a = 1\n"],
  [
    'an interpreter line',
    '#!/usr/bin/env node\nrun()\n',
    [BARE],
    "#!/usr/bin/env node\nimport 'rt/pg'\n\nrun()\n",
  ],
  [
    'a directive',
    "'use server'\n\nexport const a = 1\n",
    [SIGNAL],
    "'use server'\n\nimport { requestSignal } from 'rt'\n\nexport const a = 1\n",
  ],
  [
    'a comment behind the directive',
    '"use strict"; // because\nexport const a = 1;\n',
    [SIGNAL],
    '"use strict"; // because\nimport { requestSignal } from "rt";\n\nexport const a = 1;\n',
  ],
  [
    'a header comment',
    '// Billing.\n\nexport const a = 1\n',
    [BARE],
    "// Billing.\n\nimport 'rt/pg'\n\nexport const a = 1\n",
  ],
  [
    'a licence, and a comment that belongs to what follows',
    '/*! MIT */\n/** Adds. */\nexport const a = 1\n',
    [BARE],
    "/*! MIT */\nimport 'rt/pg'\n\n/** Adds. */\nexport const a = 1\n",
  ],
  [
    'a comment that belongs to what follows',
    '/** Adds. */\nexport const a = 1\n',
    [BARE],
    "import 'rt/pg'\n\n/** Adds. */\nexport const a = 1\n",
  ],
  ['only comments', '// @ts-nocheck\n', [BARE], "// @ts-nocheck\nimport 'rt/pg'\n"],
]

test.each(placing)('places a new import: %s', (...args) => {
  expectImports('a.ts', args)
})

const commonjs: Case[] = [
  [
    'after the leading requires',
    "'use strict'\nconst a = require('a')\nrequire('dotenv').config()\nconst b = require('b')\n",
    [SIGNAL, BARE],
    "'use strict'\nconst a = require('a')\nconst { requestSignal } = require('rt')\nrequire('rt/pg')\nrequire('dotenv').config()\nconst b = require('b')\n",
  ],
  [
    'joined to a destructured require',
    "const { a } = require('rt')\n",
    [SIGNAL, { ...WITH, local: 'w' }],
    "const { a, requestSignal, withSignal: w } = require('rt')\n",
  ],
  [
    'a require under one name',
    'const rt = require("rt");\n',
    [SIGNAL],
    'const rt = require("rt");\nconst { requestSignal } = require("rt");\n',
  ],
  [
    'a rest element, behind which nothing may stand',
    "const { a, ...rest } = require('rt')\n",
    [SIGNAL],
    "const { a, ...rest } = require('rt')\nconst { requestSignal } = require('rt')\n",
  ],
  [
    'what is there already',
    "const { requestSignal } = require('rt')\nrequire('rt/pg')\n",
    [SIGNAL, BARE],
    "const { requestSignal } = require('rt')\nrequire('rt/pg')\n",
  ],
  ['no types', 'module.exports = 1\n', [TYPE], 'module.exports = 1\n'],
  ['sloppy code', 'with (a) b()\n', [BARE], "require('rt/pg')\n\nwith (a) b()\n"],
]

describe.each(['a.js', 'a.cjs'])('CommonJS in %s', (file) => {
  test.each(commonjs)('%s', (...args) => {
    expectImports(file, args)
  })
})

test('JavaScript with module syntax gets imports', () => {
  expectImports('a.js', [
    '',
    'export const a = <b />\n',
    [BARE],
    "import 'rt/pg'\n\nexport const a = <b />\n",
  ])
})

describe('an import that has to be loaded first', () => {
  test.each<Case>([
    [
      'stands above the others',
      "// A header.\n\nimport { a } from 'a'\nimport { b } from 'b'\n\na(b)\n",
      [FIRST, SIGNAL],
      "// A header.\n\nimport 'rt/pg'\nimport { a } from 'a'\nimport { b } from 'b'\nimport { requestSignal } from 'rt'\n\na(b)\n",
    ],
    [
      'stands below a directive, above the first require',
      "'use strict'\nconst a = require('a')\n",
      [FIRST],
      "'use strict'\nrequire('rt/pg')\nconst a = require('a')\n",
    ],
    [
      'stands where any import does in a file without one',
      'a()\n',
      [FIRST],
      "import 'rt/pg'\n\na()\n",
    ],
    [
      'is the same as one that need not be',
      "import { a } from 'a'\n",
      [BARE, FIRST],
      "import 'rt/pg'\nimport { a } from 'a'\n",
    ],
  ])('%s', (...each) => {
    expectImports(each[1].includes('require') ? 'a.cjs' : 'a.ts', each)
  })
})
