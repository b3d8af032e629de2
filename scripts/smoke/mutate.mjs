import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(fileURLToPath(new URL('../../core/package.json', import.meta.url)))
const { parseSync } = require('oxc-parser')

/** Callees that the catalog knows: each is read and changed in another way. */
const callees = ['pool.query', 'fetch', 'sql', 'knex', 'prisma.user.findMany', 'db.transaction']
const tail = `
;var { Pool } = require('pg'), { PrismaClient } = require('@prisma/client')
var pool = new Pool(), prisma = new PrismaClient(), knex = require('knex')({ client: 'pg' })
var sql = require('postgres')(), db = require('drizzle-orm/node-postgres').drizzle(pool)
`

/**
 * The same syntax with I/O in it: every call is one of a database, and every first parameter a signal, or a
 * request where its function has two. What comes out need not mean anything; undefined where nothing changes.
 */
export function mutate(path, text) {
  const program = parse(path, text)
  if (!program) return undefined
  const edits = []
  visit(program, (node) => {
    const isCall = node.type === 'CallExpression' && /Identifier|Member/.test(node.callee.type)
    if (isCall) edits.push({ ...node.callee, text: callees[edits.length % callees.length] })
    const [first, second] = /Function/.test(node.type) ? (node.params ?? []) : []
    if (first?.type === 'Identifier') {
      const end = first.start + first.name.length
      edits.push({ start: first.start, end, text: second ? 'req' : 'signal' })
    }
  })
  if (edits.length === 0) return undefined
  let at = 0
  let out = ''
  for (const { start, end, text: inserted } of edits.sort((a, b) => a.start - b.start)) {
    if (start < at) continue
    out += text.slice(at, start) + inserted
    at = end
  }
  return out + text.slice(at) + tail
}

function parse(path, text) {
  const lang = /\.[cm]?js$/.test(path) ? 'jsx' : undefined
  try {
    const result = parseSync(path, text, { preserveParens: false, lang })
    return result.errors.length > 0 ? undefined : result.program
  } catch {
    // A few names come over from the native side as no valid JSON.
    return undefined
  }
}

function visit(node, enter) {
  if (typeof node !== 'object' || node === null) return
  if (typeof node.type === 'string') enter(node)
  for (const child of Object.values(node)) visit(child, enter)
}
