import fc from 'fast-check'
import { functionKinds } from './random-functions.js'
import { serviceKinds } from './random-services.js'
import { structureKinds } from './random-structures.js'
import type { Unit } from './random-unit.js'
import { valueKinds } from './random-values.js'

const kinds = [...functionKinds, ...serviceKinds, ...valueKinds, ...structureKinds]

/** A backend of a few files, by their names: handlers over units that call one another down to the pool. */
export type RandomProgram = Readonly<Record<string, string>>

/** How a unit's module is imported by those that call it. */
const imports = ['named', 'namespace', 'barrel', 'renamed', 'default'] as const

const steps = ['await', 'all', 'map', 'loop', 'if', 'then', 'closure', 'narrowed', 'retry'] as const
type Step = (typeof steps)[number]

const sinks = ['text', 'config', 'generic', 'client', 'transaction', 'returned'] as const

/** A call of another unit: by its number, and once they are all made, with what it is. */
interface Use {
  readonly step: Step
  readonly callee: number
}

interface Spec {
  readonly kind: number
  readonly sink: (typeof sinks)[number]
  readonly uses: readonly Use[]
  readonly imported: (typeof imports)[number]
}

interface Made {
  readonly unit: Unit
  readonly imported: Spec['imported']
  readonly index: number
}

const use = fc.record({ step: fc.constantFrom(...steps), callee: fc.nat(7) })

const spec: fc.Arbitrary<Spec> = fc.record({
  kind: fc.nat(kinds.length - 1),
  sink: fc.constantFrom(...sinks),
  uses: fc.array(use, { maxLength: 2 }),
  imported: fc.constantFrom(...imports),
})

/** Programs of the constructs that signals have to go through. */
export const randomProgram: fc.Arbitrary<RandomProgram> = fc
  .record({
    units: fc.array(spec, { minLength: 1, maxLength: 5 }),
    handlers: fc.array(use, { minLength: 1, maxLength: 3 }),
  })
  .map(({ units, handlers }) => render(units, handlers))

const support = `export async function collect(items: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const item of items) found.push(item)
  return found
}

export async function retry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    return work()
  }
}

export function keyOf(id: string): string | undefined {
  return id.length > 0 ? id : undefined
}
`

function render(specs: readonly Spec[], handlers: readonly Use[]): RandomProgram {
  const made = specs.flatMap(({ kind, imported }, index): Made[] => {
    const unit = kinds[kind]?.(index)
    return unit ? [{ unit, imported, index }] : []
  })
  const files: Record<string, string> = {
    'db.ts': `import { Pool } from 'pg'\n\nexport const pool = new Pool({ max: 4 })\n`,
    'support.ts': support,
  }
  const reached = new Set<number>()
  for (const { unit, index } of made) {
    // A unit calls those before it: what comes round to itself is made on purpose, by kinds that end.
    const uses = index === 0 ? [] : (specs[index]?.uses ?? []).map((each) => bounded(each, index))
    for (const { callee } of uses) reached.add(callee)
    const body = [sinkText(specs[index]?.sink ?? 'text', index), ...uses.map(toText(made))]
    const text = unit.declare(body.map(indent(unit.depth)).join('\n'))
    files[`u${index}.ts`] = `${importLines(text, uses, made)}\n${text}`
    files[`b${index}.ts`] = `export * from './u${index}.js'\n`
    files[`r${index}.ts`] = `export { ${unit.name} as r${index} } from './b${index}.js'\n`
  }
  const wanted = handlers.map((each) => bounded(each, made.length))
  for (const { callee } of wanted) reached.add(callee)
  // What nothing calls is no part of the program.
  const rest = made.filter(({ index }) => !reached.has(index))
  const all = [...wanted, ...rest.map(({ index }): Use => ({ step: 'await', callee: index }))]
  const routes = all.map((each, index) => handlerText(index, toText(made)(each, 0)))
  const text = `export const app = express()\n\n${routes.join('\n')}`
  files['app.ts'] = `import express from 'express'\n${importLines(text, all, made)}\n${text}`
  return files
}

function bounded({ step, callee }: Use, count: number): Use {
  return { step, callee: callee % count }
}

function handlerText(index: number, body: string): string {
  return `app.get('/${index}/:id', async (req, res) => {
  const out: string[] = []
  const id = req.params.id
${indent(1)(body)}
  res.json(out)
})
`
}

function importLines(text: string, uses: readonly Use[], made: readonly Made[]): string {
  const callees = [...new Set(uses.map(({ callee }) => callee))]
  const lines = [
    ...(/\bpool\b/.test(text) ? [`import { pool } from './db.js'`] : []),
    ...['collect', 'retry', 'keyOf']
      .filter((name) => new RegExp(`\\b${name}\\(`).test(text))
      .map((name) => `import { ${name} } from './support.js'`),
    ...callees.flatMap((callee) => {
      const found = made[callee]
      return found ? [importLine(found)] : []
    }),
  ]
  return lines.map((each) => `${each}\n`).join('')
}

function importLine({ unit: { name }, imported, index }: Made): string {
  switch (imported) {
    case 'namespace':
      return `import * as m${index} from './u${index}.js'`
    case 'barrel':
      return `import { ${name} } from './b${index}.js'`
    case 'renamed':
      return `import { r${index} } from './r${index}.js'`
    case 'default':
      return `import d${index} from './u${index}.js'`
    case 'named':
      return `import { ${name} } from './u${index}.js'`
  }
}

/** The unit's own name in a file that imports it. */
function localName({ unit: { name }, imported, index }: Made): string {
  if (imported === 'namespace') return `m${index}.${name}`
  if (imported === 'renamed') return `r${index}`
  return imported === 'default' ? `d${index}` : name
}

function sinkText(sink: Spec['sink'], index: number): string {
  const text = `'SELECT $1::text AS v'`
  const value = '`' + `${index}:\${id}` + '`'
  const push = 'out.push(...found.rows.map((row) => String(row.v)))'
  switch (sink) {
    case 'text':
      return `const found = await pool.query(${text}, [${value}])\n${push}`
    case 'config':
      return `const found = await pool.query({ text: ${text}, values: [${value}] })\n${push}`
    case 'generic':
      return `const found = await pool.query<{ v: string }>(\n  ${text},\n  [${value}], // the value\n)\n${push}`
    case 'returned':
      return `const found = await pool.query(${text}, [${value}]).then((result) => result)\n${push}`
    case 'client':
      return `const client = await pool.connect()\ntry {\n  const found = await client.query(${text}, [${value}])\n  ${push}\n} finally {\n  client.release()\n}`
    case 'transaction':
      return `const client = await pool.connect()\ntry {\n  await client.query('BEGIN')\n  const found = await client.query(${text}, [${value}])\n  ${push}\n  await client.query('COMMIT')\n} catch (error) {\n  await client.query('ROLLBACK')\n  throw error\n} finally {\n  client.release()\n}`
  }
}

/** Statements that call a unit and add to `out`; `at` keeps their names apart. */
function toText(made: readonly Made[]): (use: Use, at: number) => string {
  return ({ step, callee }, at) => {
    const found = made[callee]
    return found ? stepText(step, at, found.unit, localName(found)) : ''
  }
}

function stepText(step: Step, at: number, unit: Unit, name: string): string {
  const call = (argument: string) => unit.call(name, argument)
  switch (step) {
    case 'await':
      return `out.push(...(await ${call('id')}))`
    case 'all':
      return `const [a${at}, b${at}] = await Promise.all([${call('id')}, ${call("id + 'b'")}])\nout.push(...a${at}, ...b${at})`
    case 'map':
      return unit.reference === undefined
        ? `const lists${at} = await Promise.all(['m'].map((each) => ${call('each')}))\nout.push(...lists${at}.flat())`
        : `const lists${at} = await Promise.all([id, 'm'].map(${unit.reference(name)}))\nout.push(...lists${at}.flat())`
    case 'loop':
      return `for (const each of ['l']) out.push(...(await ${call('id + each')}))`
    case 'if':
      return `if (id.length > 1) out.push(...(await ${call('id')}))\nelse out.push('short')`
    case 'then':
      return `await ${call('id')}.then((rows) => {\n  out.push(...rows)\n})`
    case 'closure':
      return `const inner${at} = async () => ${call("'c'")}\nout.push(...(await inner${at}()))`
    case 'narrowed':
      return `let key${at} = keyOf(id)\nif (key${at} !== undefined) {\n  key${at} = key${at} + 'n'\n  out.push(...(await ${call(`key${at}`)}))\n}`
    case 'retry':
      return `out.push(...(await retry(() => ${call('id')})))`
  }
}

function indent(depth: number): (text: string) => string {
  return (text) => text.replace(/^(?=.)/gm, '  '.repeat(depth))
}
