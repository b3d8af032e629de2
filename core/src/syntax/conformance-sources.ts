/** Small sources that between them use every kind of syntax that the engine reads. */
export const sources: Readonly<Record<string, string>> = {
  'imports.ts': `
import fs from 'node:fs'
import * as path from 'node:path'
import pg, { Pool as P, type Client, 'string name' as text } from 'pg'
import type { Request } from 'express'
import 'side-effect'
import legacy = require('legacy')
import data from './data.json' with { type: 'json' }
`,
  'exports.ts': `
const a = 1, b = 2
export { a, b as c, a as 'string name' }
export { d, default as e } from './d.js'
export * from './star.js'
export * as ns from './ns.js'
export type { T } from './t.js'
export const f = () => 1, { g, h: [i] } = value
export function j(): void
export function j(k?: number): void {}
export async function* l() {}
export class M {}
export abstract class N {}
export interface O {}
export type Q = string
export enum R { A, B = a + 1 }
export declare function s(t: string): void
export declare const u: number
export namespace v.w { export const x = 1 }
export import y = require('y')
export default class {}
`,
  'export-default-function.ts': 'export default async function () { await work() }\n',
  'export-default-named.ts': 'export default function named(a: string) { return a }\n',
  'export-default-value.ts': 'export default (async (req) => req)\n',
  'export-default-interface.ts': 'export default interface Deps { pool: Pool }\n',
  'export-assignment.ts': 'class A {}\nexport = A\n',
  'export-as-namespace.ts': 'export as namespace Lib\nexport const a = 1\n',
  'commonjs.js': `
'use strict'
const { Pool } = require('pg')
const pool = new Pool
module.exports = { find, pool }
exports.one = async (id) => (await pool.query('select 1', [id])).rows[0]
module.exports.two = function two() { return arguments.length }
function find() {}
`,
  'functions.ts': `
function plain(this: Foo, a, b: number, { c, d: { e = 1 } = {}, ...f }: Bag = {}, [g, , h = 2, ...i]: Row[] = [], j?: string, ...rest: string[]): Promise<void> {}
function generic<T extends Foo, U = T>(a: T): asserts a is U {}
const arrow = x => x, typed = (x: number): x is 5 => x === 5, none = () => {}
const generics = <T,>(x: T) => x
const object = async ({ id, signal }: { id: string; signal?: AbortSignal }) => ({ id })
const named = function inner() { return inner }
async function* gen() { yield; yield 1; yield* other(); for await (const x of stream()) { x() } }
declare function ambient(a?: string, ...b: any[]): string
function overload(a: string): void
function overload(a: number, b: string): void
function overload(a: unknown) {}
(() => { run() })()
async x => await x
;(async (a = 1, ...b) => b)
`,
  'classes.ts': `
@Injectable()
class A<T> extends base.B<T, string> implements C, d.D<T> {
  static count = 0
  #secret: string = 'a'
  readonly e: string
  f!: number
  g?: Pool
  'h-i' = 1
  ['j'] = 2
  [k()] = 3
  declare l: string
  accessor m = 1
  static { boot() }
  @Inject() private n: Foo
  constructor(private readonly pool: Pool, @Inject(TOKEN) protected q: Q = new Q(), @Body() r: string, public s?: S) { super(); this.e = 'x'; this.#secret = 'y' }
  async load(id: string): Promise<void> { await this.#run(id) }
  *items() {}
  async *stream<T>() {}
  #run(id: string) { return #secret in this && super.run(id) }
  get t() { return 1 }
  set t(u) {}
  static of = () => new A()
  static async make() { return new this() }
  'quoted'() {}
  [computed('x')](a = 1) {}
  opt?(): void
  over(a: string): void
  over(a: number): void
  over(a: unknown) {}
  [key: string]: unknown
  @Get('/') async handler(@Req() req: Request, @Res() { app }: Response) {}
}
abstract class E {
  abstract v(): void
  protected abstract w: string
  abstract get x(): number
  abstract accessor y: string
}
const F = class Named {}, G = class extends (mixin(A)) {}
`,
  'decorated-parameters.ts': `
class A {
  one(@Q() id: string, @Q('b') b?: string, @Q() /* third */ c = 1, @Q() { d }: { d: 1 } = e, @P() @Q() g?: G) {}
  constructor(@Q() private readonly f: F, @Q() public g?: G, @Q() h?: H) {}
}
`,
  'decorated-export.ts': `
@Controller('x')
export class A {
  @Get() one() {}
}
`,
  'expressions.ts': `
a.b.c, a?.b?.[c]?.(d), a[b], a['b'], a?.b.c(), (a?.b).c, a!.b!(), a.b\`x\${c}y\`
f<string>(a), new Map<string, number>(), new Foo, new Foo.Bar(1), f(...args, ), g<T>\`x\`
const x1 = f<string>, x2 = a as const, x3 = a as unknown as B, x4 = a satisfies C, x5 = <D>a
x = y; x += 1; x ??= z(); x.y = 1; this.x = 2; x[y] = 3; ({ a, b: c.d, e = 1, ...rest } = f()); [g, , h = 1, ...i] = j
x === y, x <= y, x != y, x >= y, x << 1, x in y, x instanceof Y, x ** 2
!x; -x; +x; ~x; typeof x; void 0; void f(); delete x.y; x++; --x.y
a && b || c; a ?? b; a ? b : c; (a, b, c); ((a, b), c)
const o = { a, b: 1, 'c': 2, [d]: 3, 4: 5, e() {}, async f() {}, *g() {}, get h() { return 1 }, set h(v) {}, ...i, async *j() {}, ['k']: 6, [l]() {} }
const arr = [1, , a, ...b]
const lit = [1, 1n, 'a\\n', true, false, null, undefined, /re/g, \`plain\`, \`a\${b}c\${d}\`, 0x10, 1e3, -1, '\\u{1F600}']
import.meta.url; function target() { return new.target }
await import('./x.js'); import(name); import('./y.js', { with: {} })
await Promise.all([one(), two()]); void three(); four().then(five).catch(six); await seven().finally(eight)
tag\`\\unicode and \${x}\`
`,
  'statements.ts': `
'use strict'
for (let i = 0, n = 1; i < n; i++) f(i)
for (;;) break
for (const a of b) f(a)
for (const [c, { d }] of e) f(c)
for (g of h) f(g)
for ({ i, j: k.l } of m) f(i)
for (var n in o) f(n)
for await (const p of q) f(p)
while (r) { s() }
do { t() } while (u)
if (v) w(); else if (x) y(); else { z() }
try { a1() } catch { b1() } finally { c1() }
try { a2() } catch (error: unknown) { b2(error) }
try { a3() } catch ({ message }) { b3(message) }
switch (d1()) { case e1(): f1(); break; case 2: { g1() } default: h1() }
label: for (const i1 of j1) { continue label }
throw new Error('k')
;
debugger
{ const l1 = 1; function m1() {} }
using n1 = open()
await using o1 = open()
var p1, q1 = 1
let r1: string | undefined, s1!: number
`,
  'types.ts': `
interface A<T extends object = {}> extends B<T>, c.C { a: string; readonly b?: number; 'c-d': T; [e]: 1; f(g: string, h?: number): void; i?(): T; get j(): Pool; set j(k); (l: string): void; new (m: string): A<T>; [n: string]: unknown; o<P>(q: P): void }
type Q = string | number & boolean
type R = string[] | readonly string[] | Array<string> | [a: string, b?: number, ...c: boolean[]] | [string, number?, ...boolean[]]
type S = (a: string, { b }: T, ...c: U[]) => Promise<void>
type V = new (a: string) => W
type V2 = abstract new () => W
type X = typeof a.b | typeof import('./x.js') | import('./y.js').Z<string> | typeof f<string>
type AA = B['c'] | B['d'][number] | (keyof B)['e'] | unique symbol | keyof C
type BB = { a: string; b(): void; (): void }
type CC<T> = T extends infer U ? U : never
type DD = { readonly [K in keyof T]?: T[K] }
type EE = \`a\${string}\` | \`plain\` | 'str' | 1 | -1 | true | null | undefined | void | any | unknown | this | never | object | symbol | bigint
type FF = ((a: string) => void) | (string | number)[]
type GG<in out T> = asserts
declare function hh<const T>(a: T): T
function is(x: unknown): x is string { return true }
declare module 'pg' { interface Client { x: string } }
declare module 'empty'
declare global { interface Window { y: string } }
namespace HH { export const a = 1; export function b() {} }
declare const enum II { A = 'a' }
let fn: typeof is, ctor: { new (): A }
`,
  'positions.ts': `
const a = call( /* one ) */ b , // two )
  c , )
const d = call /* ( */ <string> /* ( */ ( /* ) */ )
function /* ( */ e /* ( */ ( /* ) */ ) {}
class F { /* ( */ g /* ( */ ( h /* ) */ , ) {} }
const i = async /* ( */ j => j, k = async ( /* ) */ l ) => l
const m = ({ n, } : { n: string, }) => n
interface O { p ( /* ) */ ) : void ; q ( r : string /* ) */ , ) : void }
`,
  'markers.ts': `
// ctx:detached -- fire and forget
void audit()
export async function a() {
  await b() // ctx:detached -- same line
}
/** ctx:detached -- whole function */
export function c() {}
`,
  'jsx.tsx': `
const a = <A b={c()} d="e" {...f()} g=<H i={j()} />>text {k()} {/* none */} <L.M>{n()}</L.M><></></A>
const o = <T,>(p: T) => <p:q r-s={t as string} />
`,
  'plain.jsx': 'const a = (x) => <A b={c()}>{x.map((y) => <B key={y} />)}</A>\n',
  'prototype.ts': `
const constructor = 1, toString = 2, hasOwnProperty = f(), valueOf = 4
type constructor = string
interface toString { constructor: string; __proto__: number }
class hasOwn { constructor() {} toString() {} ['__proto__']() {} }
const o = { constructor: 1, __proto__: 2, toString() {} }
function valueOf2(constructor: string, { toString: a }: { toString: string }) { return constructor }
o.constructor.toString(); valueOf.hasOwnProperty('x'); isPrototypeOf()
export { constructor, toString as __proto__ }
`,
}
