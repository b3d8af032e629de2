import { describe, expect, test } from 'vitest'
import { analysisOf, findingsOf, judgementOn } from '../testing/program.js'

const LOAD = 'declare function load(id: string, signal?: AbortSignal): Promise<string>\n'

function judge(text: string) {
  return judgementOn(analysisOf(LOAD + text), 'load')
}

const texts = (text: string): readonly string[] => judge(text).sources.map((each) => each.text)

describe('the signals that a call could pass, best first', () => {
  test.each<[situation: string, text: string, signals: readonly string[]]>([
    [
      'a field, through arrows only: elsewhere `this` is another object',
      'export class C { constructor(private signal: AbortSignal) {} run() { return [1].map(function () { return load("1") }) } }',
      [],
    ],
    [
      'an inherited field',
      'class B { constructor(protected signal?: AbortSignal) {} }\nexport class C extends B { run() { return load("1") } }',
      ['this.signal'],
    ],
    [
      'a field that a method sets which is called',
      'export class C { signal?: AbortSignal; start(signal: AbortSignal) { this.signal = signal }\nrun() { return load("1") } }\nexport const go = (c: C) => c.start(AbortSignal.timeout(5))',
      ['this.signal'],
    ],
    [
      'no field that nothing sets',
      'export class C { private signal?: AbortSignal; protected other?: AbortSignal; start(signal: AbortSignal) { this.signal = signal }\nrun() { return load("1") } }',
      [],
    ],
    [
      'a controller that follows a signal before that signal',
      'export async function run(outer: AbortSignal) { const controller = new AbortController(); outer.addEventListener("abort", () => controller.abort(outer.reason)); await load("1") }',
      ['controller.signal', 'outer'],
    ],
    [
      'its signal by another name, with a listener by name',
      'export async function run(outer: AbortSignal) { const controller = new AbortController(); const inner = controller.signal; const stop = () => controller.abort(); outer.addEventListener("abort", stop); await load("1") }',
      ['inner', 'controller.signal', 'outer'],
    ],
    [
      'nothing that another clause of a switch declares',
      'export async function run(kind: number, stop: AbortSignal) { switch (kind) { case 1: const both = AbortSignal.any([stop]); return both; default: return load("1") } }',
      ['stop'],
    ],
    [
      'what the same clause of a switch declares',
      'export async function run(kind: number, stop: AbortSignal) { switch (kind) { case 1: const both = AbortSignal.any([stop]); return load("1") } }',
      ['both', 'stop'],
    ],
    [
      'no var behind the block that sets it',
      'export async function run(stop: AbortSignal, early: boolean) { if (early) { var both = AbortSignal.any([stop]) }\nawait load("1") }',
      ['stop'],
    ],
    [
      'the element of a tuple that is one',
      'export async function run([id, stop]: [string, AbortSignal]) { await load(id) }',
      ['stop'],
    ],
    [
      'no member that only some of a union have',
      'type A = { kind: "a"; signal: AbortSignal } | { kind: "b" }\nexport async function run(args: A) { await load("1") }',
      [],
    ],
    [
      'nothing that may be something else',
      'export async function run(x: AbortSignal | string) { await load("1") }',
      [],
    ],
    [
      'no parameter in the default of one before it',
      'export async function run(value = load("1"), signal?: AbortSignal) { return value }',
      [],
    ],
    [
      'a parameter',
      'export async function run(signal: AbortSignal) { await load("1") }',
      ['signal'],
    ],
    [
      'a parameter of any name',
      'export async function run(cancelled: AbortSignal) { await load("1") }',
      ['cancelled'],
    ],
    ['none in plain functions', 'export async function run(id: string) { await load(id) }', []],
    [
      'the innermost function before the one around it',
      'export function run(outer: AbortSignal) { return async (inner: AbortSignal) => load("1") }',
      ['inner', 'outer'],
    ],
    [
      'the one around it where the closure has none',
      'export function run(signal: AbortSignal) { return ids.map(async (id) => load(id)) }\ndeclare const ids: string[]',
      ['signal'],
    ],
    [
      'the most derived before what it is derived from',
      'export async function run(signal: AbortSignal) { const bounded = AbortSignal.any([signal, AbortSignal.timeout(5)]); await load("1") }',
      ['bounded', 'signal'],
    ],
    [
      'not one that a closure before it would meet undeclared',
      'export async function run() { const go = () => load("1"); await go(); const later = AbortSignal.timeout(5); later.throwIfAborted() }',
      [],
    ],
    [
      'one that was declared before the closure',
      'export async function run() { const made = AbortSignal.timeout(5); const go = () => load("1"); await go() }',
      ['made'],
    ],
    [
      'not one that is derived only after the call',
      'export async function run(signal: AbortSignal) { await load("1"); const later = AbortSignal.any([signal]); later.throwIfAborted() }',
      ['signal'],
    ],
    [
      'a member of an options bag',
      'export async function run(options: { signal: AbortSignal }) { await load("1") }',
      ['options.signal'],
    ],
    [
      'a member of an optional options bag',
      'export async function run(options?: { signal?: AbortSignal }) { await load("1") }',
      ['options?.signal'],
    ],
    [
      'a destructured member under another name',
      'export async function run({ signal: stop }: { signal?: AbortSignal }) { await load("1") }',
      ['stop'],
    ],
    [
      'a member that the pattern leaves behind',
      'export async function run({ id }: { id: string; signal?: AbortSignal }) { await load(id) }',
      ['signal'],
    ],
    [
      'a field of the class',
      'export class Job { constructor(private readonly signal: AbortSignal) {} async run() { await load("1") } }',
      ['this.signal'],
    ],
    [
      'a parameter before a field',
      'export class Job { signal!: AbortSignal; async run(signal: AbortSignal) { await load("1") } }',
      ['signal', 'this.signal'],
    ],
    [
      'no field in a static method',
      'export class Job { signal!: AbortSignal; static async run() { await load("1") } }',
      [],
    ],
    [
      'a leading underscore opts out',
      'export async function run(_signal: AbortSignal) { await load("1") }',
      [],
    ],
    [
      'a nullable alias',
      'type Maybe = AbortSignal | null\nexport async function run(signal: Maybe) { await load("1") }',
      ['signal'],
    ],
  ])('%s', (_situation, text, signals) => {
    expect(texts(text)).toEqual(signals)
  })

  test('the request of an express handler, behind a signal of its own', () => {
    const handler = (body: string) => `import express from 'express'
const app = express()
app.get('/', async (req, res) => { ${body}; res.end() })`
    expect(texts(handler('await load("1")'))).toEqual(['requestSignal(req)'])
    expect(texts(handler('const signal = AbortSignal.timeout(5); await load("1")'))).toEqual([
      'requestSignal(req)',
    ])
  })

  test('two parameters of one function are both offered', () => {
    const { sources } = judge(
      'export async function run(a: AbortSignal, b: AbortSignal) { await load("1") }',
    )
    expect(sources.map((each) => each.text)).toEqual(['a', 'b'])
  })

  test('a nearer name that means something else hides the signal', () => {
    const { sources } = judge(
      'export function run(signal: AbortSignal) { return async (signal: string) => load(signal) }',
    )
    expect(sources).toMatchObject([{ text: 'signal', hidden: true }])
  })

  test('what may be missing is said', () => {
    const nullish = (parameter: string) =>
      judge(`export async function run(${parameter}) { await load("1") }`).sources[0]?.nullish
    expect(nullish('signal: AbortSignal')).toEqual({ undefined: false, null: false })
    expect(nullish('signal?: AbortSignal')).toEqual({ undefined: true, null: false })
    expect(nullish('signal: AbortSignal | null')).toEqual({ undefined: false, null: true })
    expect(nullish('signal: AbortSignal = never()')).toEqual({ undefined: false, null: false })
    expect(nullish('{ signal }: { signal?: AbortSignal }')).toEqual({
      undefined: true,
      null: false,
    })
  })
})

describe('whether a call is given a signal', () => {
  test.each<[situation: string, call: string, verdict: string]>([
    ['left out', 'load("1")', 'lost'],
    ['passed', 'load("1", signal)', 'passed'],
    ['passed from elsewhere', 'load("1", other.signal)', 'passed'],
    ['an explicit undefined is a decision', 'load("1", undefined)', 'passed'],
    ['an explicit null is a decision', 'load("1", null as never)', 'passed'],
    ['a spread may hold anything', 'load(...many)', 'passed'],
    ['a tuple of known length holds no more', 'load(...one)', 'lost'],
  ])('%s', (_situation, call, verdict) => {
    const text = `export async function run(signal: AbortSignal, other: { signal: AbortSignal }, one: [string], many: never) { await ${call} }`
    expect(judge(text).verdict).toBe(verdict)
  })

  test.each<[situation: string, argument: string, verdict: string]>([
    ['no options', '', 'lost'],
    ['empty options', ', {}', 'lost'],
    ['other options', ', { retries: 1 }', 'lost'],
    ['the signal', ', { signal }', 'passed'],
    ['the signal under its key', ', { signal: bounded }', 'passed'],
    ['undefined under its key', ', { signal: undefined }', 'passed'],
    ['options from outside', ', options', 'passed'],
    ['options from outside spread in', ', { ...options }', 'passed'],
    ['known options', ', known', 'lost'],
    ['known options spread in', ', { ...known }', 'lost'],
  ])('in an options bag: %s', (_situation, argument, verdict) => {
    const text = `interface Options { retries?: number; signal?: AbortSignal }
declare function send(id: string, options?: Options): Promise<void>
export async function run(signal: AbortSignal, bounded: AbortSignal, options: Options) {
  const known = { retries: 1 }
  await send("1"${argument})
}`
    expect(judgementOn(analysisOf(text), 'send').verdict).toBe(verdict)
  })
})

describe('calls that are exempt or set free', () => {
  const judgeQuery = (statement: string, around = (body: string) => body) =>
    judgementOn(
      analysisOf(`import { Pool } from 'pg'
import { withSignal, detached } from '@ctx-fix/runtime'
const pool = new Pool()
export async function run(signal: AbortSignal, sql: string) { ${around(statement)} }`),
      'pool.query',
    ).verdict

  test.each<[string, string]>([
    ["await pool.query('SELECT 1')", 'lost'],
    ["await pool.query('COMMIT')", 'exempt'],
    ["await pool.query('ROLLBACK;')", 'exempt'],
    ["await pool.query('  /* end */ commit')", 'exempt'],
    ['await pool.query(`\n  -- end\n  ROLLBACK TO a`)', 'exempt'],
    ["await pool.query({ text: 'COMMIT' })", 'exempt'],
    ["await pool.query('BEGIN')", 'exempt'],
    ["await pool.query('SELECT pg_advisory_unlock(1)')", 'exempt'],
    ["await pool.query('SELECT pg_advisory_lock(1)')", 'lost'],
    ["await pool.query('COMMITMENTS')", 'lost'],
    ['await pool.query(sql)', 'lost'],
    ['await pool.query(`${sql} COMMIT`)', 'lost'],
    ["try { await f() } finally { await pool.query('SELECT 1') }", 'exempt'],
    ["await withSignal(signal, () => pool.query('SELECT 1'))", 'passed'],
    ["await detached('audit', () => pool.query('SELECT 1'))", 'detached'],
    ["\n// ctx:detached -- audit\nvoid pool.query('SELECT 1')", 'detached'],
    ["void pool.query('SELECT 1') // ctx:detached -- audit\n", 'detached'],
    ["\n// ctx:detached -- audit\nf()\nvoid pool.query('SELECT 1')", 'lost'],
  ])('%s', (statement, verdict) => {
    expect(judgeQuery(statement)).toBe(verdict)
  })

  test('a marker on a declaration frees every call of it', () => {
    const text = `import { Pool } from 'pg'
const pool = new Pool()
// ctx:detached -- audit
async function audit() { await pool.query('INSERT') }
export async function run(signal: AbortSignal) { await audit() }`
    expect(findingsOf(text)).toEqual([])
    expect(findingsOf(text.replace('// ctx:detached -- audit', ''))).toMatchObject([
      { finding: { rule: 'forward-signal', reason: 'callee-drops-signal' } },
    ])
  })
})
