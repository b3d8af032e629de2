// CPU seconds that each parser takes over a folder of sources, alone and with the walk that makes our facts.
//
//   npm run build && node bench/parsers.mjs <folder> [runs]
//
// Every figure is user + system time of a process of its own, native threads included; the median of the
// runs is printed. The parsers take turns, so that a noisy moment falls on all of them.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const self = fileURLToPath(import.meta.url)
// The versions that core is tested with.
const require = createRequire(join(self, '../../core/package.json'))

/** What each parser gives: a node for `extractFacts`, and the comments in our shape. */
const parsers = {
  'oxc-parser': () => {
    const { parseSync } = require('oxc-parser')
    return (path, text) => {
      const { program, comments } = parseSync(path, text, { preserveParens: false })
      return { program, comments }
    }
  },
  '@typescript-eslint/typescript-estree': () => {
    const { parse } = require('@typescript-eslint/typescript-estree')
    return (path, text) => {
      const program = parse(text, { comment: true, range: true, jsx: path.endsWith('x') })
      const comments = program.comments.map(({ value, range: [start, end] }) => ({
        value,
        start,
        end,
      }))
      return { program, comments }
    }
  },
  typescript: () => {
    const ts = require('typescript')
    return (path, text) => ({
      program: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
      comments: [],
      ts,
    })
  },
  '@babel/parser': () => {
    const { parse } = require('@babel/parser')
    return (path, text) => {
      const plugins = ['typescript', 'decorators-legacy', ...(path.endsWith('x') ? ['jsx'] : [])]
      const file = parse(text, { sourceType: 'module', plugins, errorRecovery: true })
      return { program: file, comments: file.comments }
    }
  },
}

const steps = ['read', 'parse', 'parse and walk', 'facts']

async function measure(name, step, folder) {
  const parse = step === 'read' ? undefined : parsers[name]()
  const core = step === 'facts' ? await import('../core/dist/index.js') : undefined
  let count = 0
  for (const path of sources(folder)) {
    const text = readFileSync(path, 'utf8')
    if (!parse) continue
    const { program, comments, ts } = parse(path, text)
    if (step === 'parse and walk') count += ts ? countTypeScript(ts, program) : countNodes(program)
    if (core) {
      const syntax = ts ? core.createTypeScriptSyntax(ts, program) : core.estree
      count += core.extractFacts(syntax, { path, text, program, comments }).facts.calls.length
    }
  }
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  process.stdout.write(
    JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, mib: maxRSS / 1024, count }),
  )
}

function sources(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((each) => /\.[cm]?tsx?$/.test(each) && !each.includes('node_modules'))
    .map((each) => join(folder, each))
    .sort()
}

const bookkeeping = new Set(['parent', 'loc', 'range', 'tokens', 'comments', 'errors'])

function countNodes(node) {
  let count = 1
  for (const key in node) {
    if (bookkeeping.has(key)) continue
    const value = node[key]
    for (const each of Array.isArray(value) ? value : [value])
      if (typeof each?.type === 'string') count += countNodes(each)
  }
  return count
}

function countTypeScript(ts, node) {
  let count = 1
  ts.forEachChild(node, (child) => {
    count += countTypeScript(ts, child)
  })
  return count
}

function run(name, step, folder) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--max-old-space-size=4096', self, '--measure', name, step, folder],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${name}, ${step}: ${stderr}`)
  return JSON.parse(stdout)
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

function compare(folder, runs) {
  const results = new Map()
  for (let round = 0; round < runs; round += 1)
    for (const step of steps)
      for (const name of step === 'read' ? ['-'] : Object.keys(parsers)) {
        const key = `${step}\t${name}`
        results.set(key, [...(results.get(key) ?? []), run(name, step, folder)])
      }
  const count = sources(folder).length
  console.log(
    `${count} files, node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, ` +
      `load ${loadavg()[0]?.toFixed(1)}, median of ${runs}\n`,
  )
  console.log('| step | parser | CPU s | peak MiB | nodes or calls |\n|---|---|---|---|---|')
  for (const [key, values] of results) {
    const [step, name] = key.split('\t')
    const cpu = median(values.map((each) => each.cpu)).toFixed(2)
    const mib = Math.round(median(values.map((each) => each.mib)))
    console.log(`| ${step} | ${name} | ${cpu} | ${mib} | ${values[0].count} |`)
  }
}

const [first, ...rest] = process.argv.slice(2)
if (first === '--measure') await measure(...rest)
else if (first === undefined) {
  console.error('usage: node bench/parsers.mjs <folder> [runs]')
  process.exitCode = 2
} else compare(resolve(first), Number(rest[0] ?? 3))
