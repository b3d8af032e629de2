import type { Kind } from './random-unit.js'

const byName = {
  call: (name: string, argument: string) => `${name}(${argument})`,
  reference: (name: string) => name,
}
const plain: Kind = (index) => ({
  ...byName,
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export async function f${index}(id: string): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}

export default f${index}
`,
})

const arrow: Kind = (index) => ({
  ...byName,
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export const f${index} = async (id: string) => {
  const out: string[] = []
${body}
  return out
}

export { f${index} as default }
`,
})

const typedArrow: Kind = (index) => ({
  ...byName,
  name: `f${index}`,
  depth: 1,
  declare: (body) => `type Load = (id: string) => Promise<string[]>

export const f${index}: Load = async (id) => {
  const out: string[] = []
${body}
  return out
}

export default f${index}
`,
})

const generic: Kind = (index) => ({
  ...byName,
  name: `f${index}`,
  depth: 1,
  declare: (
    body,
  ) => `export default async function f${index}<T extends string>(id: T): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}

export { f${index} }
`,
})

const defaulted: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export async function f${index}(
  id: string,
  limit = 10, // how many
): Promise<string[]> {
  const out: string[] = []
${body}
  return out.slice(0, limit)
}

export default f${index}
`,
  call: (name, argument) => (index % 2 === 0 ? `${name}(${argument})` : `${name}(${argument}, 20)`),
})

const optional: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (
    body,
  ) => `export const f${index} = async (id: string, tag?: string): Promise<string[]> => {
  const out: string[] = tag === undefined ? [] : [tag]
${body}
  return out
}

export default f${index}
`,
  call: (name, argument) =>
    index % 2 === 0 ? `${name}(${argument})` : `${name}(${argument}, 'tag')`,
})

const bag: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `interface F${index}Options {
  tag?: string
}

export async function f${index}(id: string, { tag }: F${index}Options = {}): Promise<string[]> {
  const out: string[] = tag === undefined ? [] : [tag]
${body}
  return out
}

export default f${index}
`,
  call: (name, argument) =>
    index % 2 === 0 ? `${name}(${argument})` : `${name}(${argument}, { tag: 'bag' })`,
})

const inlineBag: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (
    body,
  ) => `export async function f${index}(options: { id: string; tag?: string }): Promise<string[]> {
  const { id } = options
  const out: string[] = []
${body}
  return out
}

export default f${index}
`,
  call: (name, argument) => `${name}({ id: ${argument} })`,
})

const overloaded: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export function f${index}(id: string): Promise<string[]>
export function f${index}(id: number): Promise<string[]>
export async function f${index}(from: string | number): Promise<string[]> {
  const id = String(from)
  const out: string[] = []
${body}
  return out
}

export default f${index}
`,
  call: byName.call,
})

const ownSignal: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (
    body,
  ) => `export async function f${index}(id: string, abort?: AbortSignal): Promise<string[]> {
  if (abort?.aborted === true) return []
  const out: string[] = []
${body}
  return out
}

export default f${index}
`,
  call: byName.call,
})

const takenName: Kind = (index) => ({
  ...byName,
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export async function f${index}(id: string): Promise<string[]> {
  const signal = 'a name that is taken'
  const out: string[] = [signal]
${body}
  return out
}

export default f${index}
`,
})

const generator: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export async function* f${index}(id: string): AsyncGenerator<string> {
  const out: string[] = []
${body}
  yield* out
}

export default f${index}
`,
  call: (name, argument) => `collect(${name}(${argument}))`,
})

const recursive: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export async function f${index}(id: string, depth = 1): Promise<string[]> {
  const out: string[] = depth > 0 ? await f${index}(id, depth - 1) : []
${body}
  return out
}

export default f${index}
`,
  call: byName.call,
})

const mutual: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `export async function f${index}(id: string, depth = 1): Promise<string[]> {
  const out: string[] = await back${index}(id, depth)
${body}
  return out
}

async function back${index}(id: string, depth: number): Promise<string[]> {
  return depth > 0 ? f${index}(id, depth - 1) : []
}

export default f${index}
`,
  call: byName.call,
})

const closure: Kind = (index) => ({
  ...byName,
  name: `f${index}`,
  depth: 2,
  declare: (body) => `const make${index} = (prefix: string) =>
  async function (id: string): Promise<string[]> {
    const out: string[] = [prefix]
${body}
    return out
  }

export const f${index} = make${index}('closed')
export default f${index}
`,
})

const inArray: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `async function first(id: string): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}

const steps = [first]

export async function f${index}(id: string): Promise<string[]> {
  const out: string[] = []
  for (const step of steps) out.push(...(await step(id)))
  return out
}

export default f${index}
`,
  call: byName.call,
  reference: byName.reference,
})

const bound: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `async function inner(id: string): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}

export async function f${index}(id: string): Promise<string[]> {
  return [...(await inner.call(undefined, id)), ...(await inner.bind(undefined)(id))]
}

export default f${index}
`,
  call: byName.call,
  reference: byName.reference,
})

const asValue: Kind = (index) => ({
  name: `f${index}`,
  depth: 1,
  declare: (body) => `async function inner(id: string): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}

async function run(work: (id: string) => Promise<string[]>, id: string): Promise<string[]> {
  return work(id)
}

export const f${index} = (id: string) => run(inner, id)
export default f${index}
`,
  call: byName.call,
  reference: byName.reference,
})

/** Ways in which a function is declared, made and handed on. */
export const functionKinds: readonly Kind[] = [
  ...[plain, arrow, typedArrow, generic, defaulted, optional, bag, inlineBag, overloaded],
  ...[ownSignal, takenName, generator, recursive, mutual, closure, inArray, bound, asValue],
]
