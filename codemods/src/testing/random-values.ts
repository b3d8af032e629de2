import { asFunction, call, inner, type Kind } from './random-unit.js'

const inMapObject: Kind = (index) => ({
  ...asFunction(index),
  declare: (body) => `${inner(body)}
const table = new Map([['inner', inner]])

export async function f${index}(id: string): Promise<string[]> {
  const work = table.get('inner')
  return work === undefined ? [] : work(id)
}

export default f${index}
`,
})

const applied: Kind = (index) => ({
  ...asFunction(index),
  declare: (body) => `${inner(body)}
export function f${index}(id: string): Promise<string[]> {
  return inner.apply(undefined, [id])
}

export default f${index}
`,
})

const chosen: Kind = (index) => ({
  ...asFunction(index),
  declare: (body) => `${inner(body)}
async function other(id: string): Promise<string[]> {
  return [id]
}

export async function f${index}(id: string): Promise<string[]> {
  const work = id === 'other' ? other : inner
  return work(id)
}

export default f${index}
`,
})

const ofTheObject: Kind = (index) => ({
  name: `f${index}`,
  depth: 2,
  call,
  declare: (body) => `class Job${index} {
  constructor(private readonly signal?: AbortSignal) {}

  async load(id: string): Promise<string[]> {
    const out: string[] = this.signal?.aborted === true ? ['late'] : []
${body}
    return out
  }
}

export function f${index}(id: string, signal?: AbortSignal): Promise<string[]> {
  return new Job${index}(signal).load(id)
}

export default f${index}
`,
})

const decorated: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  call: (name, argument) => `${name}.load(${argument})`,
  declare: (body) => `const known: string[] = []

function listed(_method: unknown, { name }: ClassMethodDecoratorContext): void {
  known.push(String(name))
}

class S${index} {
  @listed
  async load(id: string): Promise<string[]> {
    const out: string[] = [...known]
${body}
    return out
  }
}

export const s${index} = new S${index}()
export default s${index}
`,
})

const overloadedMethod: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  call: (name, argument) => `${name}.load(${argument})`,
  declare: (body) => `class S${index} {
  load(id: string): Promise<string[]>
  load(id: number): Promise<string[]>
  async load(from: string | number): Promise<string[]> {
    const id = String(from)
    const out: string[] = []
${body}
    return out
  }
}

export const s${index} = new S${index}()
export default s${index}
`,
})

const generatorMethod: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  call: (name, argument) => `collect(${name}.each(${argument}))`,
  declare: (body) => `class S${index} {
  async *each(id: string): AsyncGenerator<string> {
    const out: string[] = []
${body}
    yield* out
  }
}

export const s${index} = new S${index}()
export default s${index}
`,
})

const genericClass: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  call: (name, argument) => `${name}.load(${argument})`,
  declare: (body) => `class Repository${index}<T extends string> {
  constructor(private readonly tag: T) {}

  async load(id: string): Promise<string[]> {
    const out: string[] = [this.tag]
${body}
    return out
  }
}

export const s${index} = new Repository${index}('tag')
export default s${index}
`,
})

/** Functions that are kept and chosen as values, and members of classes that say more than their parameters. */
export const valueKinds: readonly Kind[] = [
  ...[inMapObject, applied, chosen, ofTheObject],
  ...[decorated, overloadedMethod, generatorMethod, genericClass],
]
