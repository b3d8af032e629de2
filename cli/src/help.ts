import { codemodWords } from './codemod-names.js'

export const fixHelp = `
Examples:
  $ ctx-fix check               report every broken cancellation chain
  $ ctx-fix --diff src          see what would be changed, and change nothing
  $ ctx-fix src                 change it, once the result is type-checked
  $ ctx-fix --update-tests .    and let assertions on exact arguments take a signal
  $ ctx-fix --todo src          and write the reason above each place that is left
  $ ctx-fix --allow-dirty a.ts  change one file that git could not bring back

Paths are files or folders; without any, the current folder. The whole project
around them is read (the folder of the nearest tsconfig.json, and what it
imports from other packages of the repository), only the files named are
reported and changed. A folder stands for the files in it that its tsconfig
covers and .gitignore leaves in.

Work that is meant to outlive its request is marked on the line above it:
  // ctx:detached -- the reason

Settings: ctx-fix.config.{js,mjs,ts,json}, or "ctx-fix" in package.json.

Exit codes:
  0  clean
  1  findings are left; a dry run gives the code of the real run,
     but for the refusal to change files with uncommitted changes
  2  wrong use or failure, and nothing was written; also where a database
     library is a dependency or imported and no call to it was recognised,
     because that is no clean bill of health
`

export const checkHelp = `
Examples:
  $ ctx-fix check src/orders.ts             one file, its chains through all
  $ ctx-fix check --reporter json > report.json
  $ ctx-fix check --baseline ctx-fix-baseline.json   what "baseline" has not
  $ ctx-fix check --no-signal-in-scope off  only where a signal is at hand

Exit codes:
  0  clean
  1  findings
  2  wrong use or failure; also where a database library is a dependency or
     imported and no call to it was recognised
`

const width = Math.max(...Object.keys(codemodWords).map((name) => name.length))

export const codemodHelp = `
Codemods:
${Object.entries(codemodWords)
  .map(([name, words]) => `  ${name.padEnd(width)}  ${words}`)
  .join('\n')}

Examples:
  $ ctx-fix codemod release-client --diff
  $ ctx-fix codemod detach --reason "the audit log outlives the request" src/audit

What a codemod is about and does not change is reported, and nothing else.

Exit codes: as of ctx-fix.
`
