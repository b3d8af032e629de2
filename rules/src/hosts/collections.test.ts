import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { packages } from './scenario.js'

const repository = fileURLToPath(new URL('../../..', import.meta.url))
/** Tests of several parsers of JavaScript, collected by TC39: what must parse, twice. */
const collection = dirname(
  createRequire(import.meta.url).resolve('test262-parser-tests/package.json'),
)
const syntax = [join(collection, 'pass'), join(collection, 'pass-explicit')]
const published = ['@types/pg', 'express', 'fastify', 'kysely', 'koa', 'pg', 'typeorm/browser']
const installed = published.map((each) => join(packages, each))

/** Each file by each parser that reads it, as it stands and with its calls made calls of a database. */
it.each<[name: string, linted: number, args: readonly string[]]>([
  ['the collection of parsers', 1_000, ['--sample', '300', ...syntax]],
  ['the collection, with a type checker', 300, ['--typed', '--sample', '350', ...syntax]],
  ['the collection, cut off', 300, ['--halves', '--sample', '20', ...syntax]],
  ['installed packages', 40, ['--sample', '15', ...installed]],
  ['installed packages, with a type checker', 80, ['--typed', '--sample', '100', ...installed]],
])('on %s no rule throws, and none takes long', (_name, linted, args) => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/smoke-rules.mjs', ...args], {
    cwd: repository,
    encoding: 'utf8',
  })
  expect(status, stdout).toBe(0)
  const count = JSON.parse(stdout) as Record<string, number>
  expect(count).toMatchObject({ thrown: 0, slow: 0 })
  expect(count['linted']).toBeGreaterThan(linted)
})
