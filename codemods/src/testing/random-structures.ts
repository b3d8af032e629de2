import { asFunction, inner, type Kind } from './random-unit.js'

/** Nest's way, without its container: what a token stands for is given to the constructor. */
const byToken: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  call: (name, argument) => `${name}.load(${argument})`,
  declare: (body) => `abstract class Repository${index} {
  abstract find(id: string): Promise<string[]>
}

class InDatabase${index} implements Repository${index} {
  async find(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

const providers${index} = new Map([[Repository${index}, new InDatabase${index}()]])

class S${index} {
  private readonly repository: Repository${index}

  constructor(repository: Repository${index} | undefined) {
    if (repository === undefined) throw new Error('no provider')
    this.repository = repository
  }

  async load(id: string): Promise<string[]> {
    return this.repository.find(id)
  }
}

export const s${index} = new S${index}(providers${index}.get(Repository${index}))
export default s${index}
`,
})

const beforeItsHelper: Kind = (index) => ({
  ...asFunction(index),
  declare: (body) => `export async function f${index}(id: string): Promise<string[]> {
  const load = () => later(id)
  return [...(await load()), ...(await hoisted())]

  async function hoisted(): Promise<string[]> {
    return later(id)
  }
}

const later = async (id: string): Promise<string[]> => {
  const out: string[] = []
${body}
  return out
}

export default f${index}
`,
})

const inCases: Kind = (index) => ({
  ...asFunction(index),
  declare: (body) => `${inner(body)}
export async function f${index}(id: string): Promise<string[]> {
  switch (id.length % 3) {
    case 0:
      return inner(id)
    case 1: {
      const found = await inner(id)
      return [...found, 'one']
    }
    default:
      return [id]
  }
}

export default f${index}
`,
})

const inSpace: Kind = (index) => ({
  name: `Space${index}`,
  depth: 2,
  call: (name, argument) => `${name}.load(${argument})`,
  declare: (body) => `export namespace Space${index} {
  export async function load(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

export default Space${index}
`,
})

const inheritedStatic: Kind = (index) => ({
  name: `S${index}`,
  depth: 2,
  call: (name, argument) => `${name}.load(${argument})`,
  declare: (body) => `class Base${index} {
  static async find(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }

  static async load(id: string): Promise<string[]> {
    return this.find(id)
  }
}

export class S${index} extends Base${index} {}

export default S${index}
`,
})

const inherited: Kind = (index) => ({
  name: `s${index}`,
  depth: 2,
  call: (name, argument) => `${name}.load(${argument})`,
  declare: (body) => `class Base${index} {
  protected async find(id: string): Promise<string[]> {
    const out: string[] = []
${body}
    return out
  }
}

class Middle${index} extends Base${index} {}

class S${index} extends Middle${index} {
  load(id: string): Promise<string[]> {
    return this.find(id)
  }
}

export const s${index} = new S${index}()
export default s${index}
`,
})

/** A caller that has no signal, as a test or a script has none. */
const withOwnCaller: Kind = (index) => ({
  ...asFunction(index),
  declare: (body) => `export async function f${index}(id: string): Promise<string[]> {
  const out: string[] = []
${body}
  return out
}

export const seeds${index} = {
  one: () => f${index}('seed'),
  all: (ids: string[]) => Promise.all(ids.map(f${index})),
}

export default f${index}
`,
})

/** Where functions stand, and by which names they are reached. */
export const structureKinds: readonly Kind[] = [
  ...[byToken, beforeItsHelper, inCases, inSpace],
  ...[inheritedStatic, inherited, withOwnCaller],
]
