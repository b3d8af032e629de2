import type { Binding, Expr, ExprId } from '../facts/types.js'
import type { Resolver } from './resolver.js'
import { weaken, type Value } from './values.js'

const nothing: readonly Value[] = []
const joining = new Set(['join', 'resolve'])

/**
 * `require(path.join(__dirname, file))` in a loop over a folder: any of the modules of that folder, as the
 * loader of models that sequelize's command writes has it. In a loop over a list of paths: any of these.
 */
export function modulesOfFolder(r: Resolver, file: string, path: ExprId): readonly Value[] {
  const listed = listedPaths(r, file, path)
  const folder = listed ? undefined : folderOf(r, file, path)
  if (!listed && folder === undefined) return nothing
  const isMeant = listed
    ? (each: string) => listed.has(withoutExtension(each))
    : (each: string) => parent(each) === folder
  // Not a union, which has a limit: a folder may hold more.
  const found = [...r.program.files.keys()]
    .filter((each) => each !== file && isMeant(each))
    .flatMap((each): readonly Value[] => {
      const whole = r.exported(each, 'export=')
      // Of a module that has been compiled: `require(path).default`.
      return whole.length > 0 ? whole : [{ k: 'ns', file: each, by: 'value' }]
    })
  return weaken(found, 'type')
}

const callsEach = new Set(['forEach', 'map'])

/** `const models = ['./user', './order']` and `models.forEach((each) => require(each))`: the paths, without extension. */
function listedPaths(r: Resolver, file: string, id: ExprId): ReadonlySet<string> | undefined {
  const expr = r.program.expr(file, id)
  const binding = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope) : undefined
  const list = binding && binding.path.length === 0 ? goneThrough(r, file, binding) : undefined
  if (list === undefined) return undefined
  const whole = constant(r, file, list)
  if (whole.k !== 'arr') return undefined
  const paths = whole.of.map((each) => r.program.expr(file, each))
  return new Set(
    paths.flatMap((each) =>
      each.k === 'str' && each.complete && each.value.startsWith('.')
        ? [withoutExtension(below(parent(file), `${each.value}/`))]
        : [],
    ),
  )
}

/** What a variable takes the elements of one by one. */
function goneThrough(r: Resolver, file: string, { over, param }: Binding): ExprId | undefined {
  if (over) return over.expr
  if (param?.index !== 0) return undefined
  const { argOf } = r.program.fn(file, param.fn)
  const call = argOf?.index === 0 ? r.program.expr(file, argOf.call) : undefined
  const callee = call?.k === 'call' ? r.program.expr(file, call.callee) : undefined
  return callee?.k === 'member' && callsEach.has(callee.name) ? callee.object : undefined
}

function withoutExtension(path: string): string {
  return path.replaceAll('\\', '/').replace(/(?:\/index)?\.[cm]?[jt]s$/, '')
}

/** The folder that a path leads into whose last part is known at run time only. */
function folderOf(r: Resolver, file: string, id: ExprId, depth = 0): string | undefined {
  const expr = r.program.expr(file, id)
  if (depth > 4) return undefined
  if (expr.k === 'call') {
    const callee = r.program.expr(file, expr.callee)
    const name = callee.k === 'member' || callee.k === 'id' ? callee.name : ''
    return joining.has(name) ? joined(r, file, expr.args) : undefined
  }
  if (expr.k === 'other') return joined(r, file, expr.parts)
  // `${__dirname}/${file}` begins with a placeholder, './models/' + file with what it says.
  if (expr.k === 'str' && !expr.complete)
    return expr.value === '' ? parent(file) : below(parent(file), `${expr.value}*`)
  if (expr.k !== 'id') return undefined
  const binding = r.program.lookUp(file, expr.name, expr.scope)
  if (binding?.kind !== 'const' || binding.init === undefined || binding.path.length > 0)
    return undefined
  return folderOf(r, file, binding.init, depth + 1)
}

function joined(r: Resolver, file: string, parts: readonly ExprId[]): string | undefined {
  const [first, ...rest] = parts.map((each) => constant(r, file, each))
  const isHere = first?.k === 'id' && first.name === '__dirname'
  const texts = isHere ? rest : [first, ...rest]
  let path = ''
  let isOpen = false
  for (const part of texts) {
    isOpen = part?.k !== 'str' || !part.complete
    if (part?.k === 'str') path += `/${part.value}`
    if (isOpen) break
  }
  if (!isOpen || (!isHere && !path.startsWith('/.'))) return undefined
  return below(parent(file), `${path}/*`)
}

/** The folder that a path names: `join(__dirname, 'routes')`, or the same from `import.meta.dirname`. */
export function namedFolder(r: Resolver, file: string, id: ExprId): string | undefined {
  const expr = r.program.expr(file, id)
  const callee = expr.k === 'call' ? r.program.expr(file, expr.callee) : undefined
  const isJoining = callee !== undefined && 'name' in callee && joining.has(callee.name)
  const parts = isJoining && expr.k === 'call' ? expr.args : expr.k === 'other' ? expr.parts : []
  const [first, ...rest] = parts.map((each) => r.program.expr(file, each))
  const texts = rest.flatMap((each) => (each.k === 'str' && each.complete ? [each.value] : []))
  if (first === undefined || texts.length < rest.length || !isHere(r, file, first)) return undefined
  return below(parent(file), `${texts.join('/')}/`)
}

/** The folder of the module itself, under one of its names. */
function isHere(r: Resolver, file: string, expr: Expr): boolean {
  if (expr.k === 'id' && expr.name === '__dirname') return true
  if (expr.k === 'member') return expr.name === 'dirname'
  const whole = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope)?.init : undefined
  const set = whole === undefined ? expr : r.program.expr(file, whole)
  if (set.k !== 'call') return set.k === 'member' && set.name === 'dirname'
  const callee = r.program.expr(file, set.callee)
  return 'name' in callee && callee.name === 'dirname'
}

/** Files of a folder and those below it; beside an `index` file, that alone. */
export function filesBelow(r: Resolver, folder: string): readonly string[] {
  const files = [...r.program.files.keys()].filter((each) =>
    parent(each).concat('/').startsWith(`${folder}/`),
  )
  const index = /\/index\.[cm]?[jt]s$/
  const indexed = new Set(files.filter((each) => index.test(each)).map(parent))
  return files.filter((each) => !indexed.has(parent(each)) || index.test(each))
}

const settable = new Set(['const', 'let', 'var'])

/** What a name stands for that is set once: `const routes = './routes/'`. */
function constant(r: Resolver, file: string, id: ExprId): Expr {
  const expr = r.program.expr(file, id)
  const binding = expr.k === 'id' ? r.program.lookUp(file, expr.name, expr.scope) : undefined
  const isSet = binding?.init !== undefined && binding.path.length === 0
  return isSet && settable.has(binding.kind) && binding.writes.length === 0
    ? r.program.expr(file, binding.init)
    : expr
}

/** The folder of a relative path: `./models/*` in `/app` is `/app/models`. */
function below(folder: string, path: string): string {
  const parts = folder.split('/')
  for (const part of path.split('/').slice(0, -1)) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

function parent(file: string): string {
  return file.replaceAll('\\', '/').split('/').slice(0, -1).join('/')
}
