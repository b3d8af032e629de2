import type { Kind } from './random-unit.js'

const method = (member: string, depth = 2) => ({
  depth,
  call: (name: string, argument: string) => `${name}.${member}(${argument})`,
  reference: (name: string) => `${name}.${member}.bind(${name})`,
})

const instance: Kind = (index) => ({
  ...method('load'),
  name: `s${index}`,
  declare: (body) => `class S${index} {
  async load(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

export const s${index} = new S${index}()
export default s${index}
`,
})

const injected: Kind = (index) => ({
  ...method('get', 2),
  name: `s${index}`,
  declare: (body) => `class Inner${index} {
  async load(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

class S${index} {
  constructor(private readonly inner: Inner${index}) {}

  get(id: string): Promise<string[]> {
    return this.inner.load(id)
  }
}

export const s${index} = new S${index}(new Inner${index}())
export default s${index}
`,
})

const implemented: Kind = (index) => ({
  ...method('load'),
  name: `s${index}`,
  declare: (body) => `export interface Source${index} {
  load(id: string): Promise<string[]>
}

class InDatabase${index} implements Source${index} {
  async load(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

class InMemory${index} implements Source${index} {
  load(id: string): Promise<string[]> {
    return Promise.resolve([id])
  }
}

export const s${index}: Source${index} =
  process.env['IN_MEMORY'] === 'yes' ? new InMemory${index}() : new InDatabase${index}()
export default s${index}
`,
})

const abstract: Kind = (index) => ({
  ...method('load'),
  name: `s${index}`,
  declare: (body) => `abstract class Base${index} {
  protected abstract find(id: string): Promise<string[]>

  async load(id: string): Promise<string[]> {
    return [...(await this.find(id)), 'base']
  }
}

class S${index} extends Base${index} {
  protected async find(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

export const s${index} = new S${index}()
export default s${index}
`,
})

const overridden: Kind = (index) => ({
  ...method('load'),
  name: `s${index}`,
  declare: (body) => `class Base${index} {
  async load(id: string): Promise<string[]> {
    return [id]
  }
}

class S${index} extends Base${index} {
  override async load(id: string): Promise<string[]> {
    const out = await super.load(id)
${body}
    return out
  }
}

export const s${index}: Base${index} = new S${index}()
export default s${index}
`,
})

const field: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  declare: (body) => `class S${index} {
  load = async (id: string): Promise<string[]> => {
    const out: string[] = []
${body}
    return out
  }
}

export const s${index} = new S${index}()
export default s${index}
`,
  call: (name, argument) => `${name}.load(${argument})`,
  reference: (name) => `${name}.load`,
})

const fixed: Kind = (index) => ({
  name: `S${index}`,
  depth: 2,
  declare: (body) => `export class S${index} {
  static async load(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

export default S${index}
`,
  call: (name, argument) => `${name}.load(${argument})`,
  reference: (name) => `${name}.load`,
})

const literal: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  declare: (body) => `export const s${index} = {
  async load(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  },
}

export default s${index}
`,
  call: (name, argument) => `${name}.load(${argument})`,
  reference: (name) => `${name}.load`,
})

const typedLiteral: Kind = (index) => ({
  ...literal(index),
  declare: (body) => `interface Service${index} {
  load(id: string): Promise<string[]>
  readonly name: string
}

export const s${index}: Service${index} = {
  name: 'service',
  load: async (id) => {
    const out: string[] = []
${body}
    return out
  },
}

export default s${index}
`,
})

const factory: Kind = (index) => ({
  ...literal(index),
  declare: (body) => `function make${index}(prefix: string) {
  const load = async (id: string): Promise<string[]> => {
    const out: string[] = [prefix]
${body}
    return out
  }
  return { load }
}

export const s${index} = make${index}('made')
export default s${index}
`,
})

const inMap: Kind = (index) => ({
  name: `table${index}`,
  depth: 1,
  declare: (body) => `async function first(id: string): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}

async function second(id: string): Promise<string[]> {
  return [id]
}

export const table${index} = { first, second }
export default table${index}
`,
  call: (name, argument) => `${name}.first(${argument})`,
})

/** Classes and objects whose methods do the work. */
export const serviceKinds: readonly Kind[] = [
  ...[instance, injected, implemented, abstract, overridden, field, fixed],
  ...[literal, typedLiteral, factory, inMap],
]
