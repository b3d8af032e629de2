import type { Comment } from '../syntax/shape.js'
import type { Builder, Mutable } from './builder.js'
import { JSDocTypes } from './jsdoc-types.js'
import type { ClassMember, Fn, ScopeId, TypeId, TypeMember } from './types.js'

interface Tag {
  readonly tag: string
  readonly type: string
  /** Offset of the type in the file. */
  readonly typeStart: number
  /** The name behind the type, without the brackets and the default of what may be left out. */
  readonly name: string
}

/** What the comment before a declaration says. */
interface Doc {
  readonly tags: readonly Tag[]
  readonly paramsEnd: number | undefined
}

const noDoc: Doc = { tags: [], paramsEnd: undefined }

const script = /\.[cm]?jsx?$/
/** What may stand between a comment and the function, variable or field that it speaks of: of a method, its name. */
const lead =
  /(?:(?:export|default|async|static|get|set|const|let|var)\s+|[\w$.#]+\s*[:=](?!=)\s*|\(\s*)*(?:\*?[\w$#]+\s*)?$/

/**
 * The types that comments give in plain JavaScript: `@param`, `@returns`, `@type`, `@typedef`. They stand
 * where TypeScript has annotations, and are kept as such.
 */
export function applyJSDoc<N>(b: Builder<N>, path: string, comments: readonly Comment[]): void {
  if (!script.test(path)) return
  const docs = new Map<number, Doc>()
  for (const { value, start, end } of comments) {
    if (!value.startsWith('*') || !value.includes('@')) continue
    const tags = tagsOf(value, start + 2)
    if (tags.length === 0) continue
    declareTypes(b, tags, start)
    const space = /^\s*/.exec(b.text.slice(end, end + 400))?.[0].length ?? 0
    docs.set(end + space, { tags, paramsEnd: endOfParams(b.text, start, end) })
  }
  if (docs.size === 0) return
  const docAt = (position: number): Doc => {
    const before = b.text.slice(Math.max(0, position - 200), position)
    const skipped = lead.exec(before)?.[0].length ?? 0
    return docs.get(position) ?? docs.get(position - skipped) ?? noDoc
  }
  const tagsAt = (position: number): readonly Tag[] => docAt(position).tags
  for (const fn of b.functions) if (fn.id !== 0) typeFunction(b, fn, docAt(fn.start))
  for (const binding of b.bindings) {
    const isVariable = binding.kind === 'const' || binding.kind === 'let' || binding.kind === 'var'
    if (!isVariable || binding.path.length > 0 || binding.import) continue
    binding.type ??= typeTag(b, tagsAt(binding.start), binding.scope)
  }
  typeFields(b, tagsAt, docs)
  typeObjects(b, tagsAt)
}

/** `start` is where the comment's text stands, which keeps its length here. */
function tagsOf(comment: string, start: number): Tag[] {
  const text = comment.replace(/^[ \t]*\*(?!\/)/gm, (lead) => ' '.repeat(lead.length))
  return [...text.matchAll(/@(\w+)[ \t]*/g)].flatMap((match): Tag[] => {
    const from = match.index + match[0].length
    const to = text[from] === '{' ? closingBrace(text, from) : from - 1
    if (to === undefined) return []
    const name = /^\s*\[?\s*([\w$.]+)/.exec(text.slice(to + 1))?.[1] ?? ''
    const type = text.slice(from + 1, to)
    return [{ tag: match[1] ?? '', type, typeStart: start + from + 1, name }]
  })
}

/** Offset behind the last `@param` of a comment, with what it says. */
function endOfParams(text: string, start: number, end: number): number | undefined {
  const comment = text.slice(start, end)
  const at = comment.lastIndexOf('@param')
  if (at < 0) return undefined
  const rest = comment.slice(at)
  const next = /\n[ \t]*\*?[ \t]*@|\*\/$/.exec(rest)?.index ?? rest.length
  return start + at + rest.slice(0, next).replace(/[\s*]+$/, '').length
}

function closingBrace(text: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1
    else if (text[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return undefined
}

function typeTag<N>(b: Builder<N>, tags: readonly Tag[], scope: ScopeId): TypeId | undefined {
  const found = tags.find((each) => each.tag === 'type' && each.type !== '')
  return found && new JSDocTypes(b).read(found.type, found.typeStart, scope)
}

function typeFunction<N>(b: Builder<N>, fn: Mutable<Fn>, { tags, paramsEnd }: Doc): void {
  if (tags.length === 0) return
  if (paramsEnd !== undefined) fn.paramsDocEnd = paramsEnd
  const types = new JSDocTypes(b)
  const parameters = tags.filter(({ tag, name }) => tag === 'param' && !name.includes('.'))
  fn.params.forEach((param, index) => {
    const found =
      parameters.find((each) => each.name === param.name) ??
      (param.name === undefined ? parameters[index] : undefined)
    if (!found || isLoose(b, found.type)) return
    const type = types.read(found.type, found.typeStart, fn.scope)
    if (type === undefined || param.type !== undefined) return
    fn.params[index] = { ...param, type }
    for (const binding of b.bindings)
      if (binding.param?.fn === fn.id && binding.param.index === index) binding.type ??= type
  })
  const returned = tags.find(({ tag }) => tag === 'returns' || tag === 'return')
  if (returned) fn.returnType ??= types.read(returned.type, returned.typeStart, fn.scope)
  const own = typeTag(b, tags, fn.scope)
  if (fn.kind === 'getter') fn.returnType ??= own
  else fn.contextType ??= own
}

/** `{Request} req` is written of every framework's request, and means the platform's to a compiler. */
function isLoose<N>(b: Builder<N>, type: string): boolean {
  const name = type.trim()
  return /^(?:Request|Response|Object|object|Function)$/.test(name) && !b.scope(0).typeNames[name]
}

/** `@typedef {import(module).User} User`, `@typedef {Object} Options` with its `@property` lines. */
function declareTypes<N>(b: Builder<N>, tags: readonly Tag[], position: number): void {
  const at = { start: position, end: position }
  const types = new JSDocTypes(b)
  let members: TypeMember[] = []
  for (const { tag, name, type: text, typeStart } of tags) {
    if ((tag === 'property' || tag === 'prop') && text !== '') {
      const type = types.read(text, typeStart, 0)
      members.push({ ...at, name, type, optional: false, method: undefined, call: false })
    }
    if (tag !== 'typedef' || name === '') continue
    members = []
    const isObject = /^(?:object)?$/i.test(text.trim())
    const type = isObject ? undefined : types.read(text, typeStart, 0)
    b.scope(0).typeNames[name] ??= [b.typeDecls.length]
    const kind = isObject ? 'interface' : 'alias'
    const rest = { scope: 0, inner: 0, typeParams: [], extends: [] }
    b.typeDecls.push({ ...at, ...rest, name, kind, members, type })
    b.exports.push({ name, kind: 'local', local: name })
  }
}

/** Fields of classes, declared or named in the constructor: `/** @type {Book[]} *\/ this.books`. */
function typeFields<N>(
  b: Builder<N>,
  tagsAt: (position: number) => readonly Tag[],
  docs: ReadonlyMap<number, Doc>,
): void {
  for (const cls of b.classes)
    cls.members.forEach((member, index) => {
      if (member.kind !== 'field' || member.type !== undefined) return
      const type = typeTag(b, tagsAt(member.start), cls.scope)
      if (type !== undefined) cls.members[index] = { ...member, type }
    })
  for (const expr of b.exprs) {
    const owner = expr.k === 'member' ? b.exprs[expr.object] : undefined
    const cls = owner?.k === 'this' && owner.cls !== undefined ? b.classes[owner.cls] : undefined
    if (expr.k !== 'member' || !cls) continue
    const type = typeTag(b, docs.get(expr.start)?.tags ?? [], cls.scope)
    if (type === undefined || cls.members.some((each) => each.name === expr.name)) continue
    const field: ClassMember = {
      start: expr.start,
      end: expr.end,
      name: expr.name,
      kind: 'field',
      static: false,
      abstract: false,
      private: false,
      optional: false,
      fn: undefined,
      value: undefined,
      type,
      decorators: [],
      fromParam: undefined,
    }
    cls.members.push(field)
  }
}

/** `/** @type {import(module).Plugin} *\/ module.exports = { run(context) {} }`: each function by its key. */
function typeObjects<N>(b: Builder<N>, tagsAt: (position: number) => readonly Tag[]): void {
  for (const expr of [...b.exprs]) {
    if (expr.k !== 'assign') continue
    const object = b.exprs[expr.value]
    if (object?.k !== 'obj') continue
    const type = typeTag(b, tagsAt(expr.start), 0)
    if (type === undefined) continue
    for (const { name, value } of object.props) {
      const made = b.exprs[value]
      const fn = made?.k === 'fn' ? b.functions[made.fn] : undefined
      if (!fn || name === undefined) continue
      b.types.push({ start: expr.start, end: expr.start, k: 'index', object: type, key: name })
      fn.contextType ??= b.types.length - 1
    }
  }
}
