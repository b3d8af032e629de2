import type { Syntax } from '../syntax/shape.js'
import { Builder, type Mutable, type Source } from './builder.js'
import { applyJSDoc } from './jsdoc.js'
import { readMarkers } from './markers.js'
import { readSuppressions } from './suppressions.js'
import { readStatements } from './statements.js'
import { lineStartsOf } from './text.js'
import { FACTS_VERSION, type Binding, type ExprId, type FileFacts, type ScopeId } from './types.js'

export interface Extraction<N> {
  readonly facts: FileFacts
  /** The host's node of each expression of `facts.exprs`. */
  readonly nodes: readonly N[]
}

/** One walk over a file. The result depends on that file alone. */
export function extractFacts<N>(syntax: Syntax<N>, source: Source<N>): Extraction<N> {
  const { path, text, program, comments } = source
  const b = new Builder(syntax, text)
  // Parsers differ in whether a program begins at its first token or at the top of the file.
  const span = { start: 0, end: text.length }
  const scope = b.addScope(undefined, 0)
  b.functions.push({
    ...span,
    id: 0,
    parent: undefined,
    name: '',
    kind: 'module',
    async: true,
    generator: false,
    params: [],
    returnType: undefined,
    returns: [],
    yields: [],
    scope,
    cls: undefined,
    static: false,
    decorators: [],
    hasBody: true,
    concise: false,
    body: span,
    close: undefined,
    directives: [],
    usesArguments: false,
    argOf: undefined,
    contextType: undefined,
    expr: undefined,
  })
  const shape = syntax.shape(program)
  if (shape.type === 'Program')
    readStatements(b, shape.body, {
      scope,
      fn: 0,
      cls: undefined,
      statement: span,
      inLoop: false,
      inFinally: false,
      inCatch: false,
      inAbort: false,
      guards: [],
    })
  applyAssignments(b)
  applyJSDoc(b, path, comments)
  const lineStarts = lineStartsOf(text)
  const facts: FileFacts = {
    version: FACTS_VERSION,
    path,
    commonjs: b.commonjs && !b.esm,
    lineStarts,
    exprs: b.exprs,
    types: b.types,
    scopes: b.scopes,
    bindings: b.bindings,
    functions: b.functions,
    classes: b.classes,
    typeDecls: b.typeDecls,
    calls: b.calls,
    uses: b.uses,
    exports: b.exports,
    stars: b.stars,
    writes: b.writes,
    augmentations: b.augmentations,
    catches: b.catches,
    blocks: b.blocks,
    tries: b.tries,
    throws: b.throws,
    markers: readMarkers(comments, b.statements, text),
    suppressions: readSuppressions(comments, lineStarts),
    modules: [...b.modules].filter((each) => each !== ''),
  }
  return { facts, nodes: b.nodes }
}

/** Names are assigned before and after they are declared, so this waits for the end of the walk. */
function applyAssignments<N>(b: Builder<N>): void {
  for (const { name, scope, value } of b.assignments) {
    const known = lookUp(b, name, scope) ?? implicitGlobal(b, name, value)
    known?.writes.push(value)
  }
}

/** `models = {}` in a script that declares no such name: from then on it is there. */
function implicitGlobal<N>(
  b: Builder<N>,
  name: string,
  value: ExprId,
): Mutable<Binding> | undefined {
  if (b.esm || name === 'exports' || name === 'module') return undefined
  const { start = 0, end = 0 } = b.exprs[value] ?? {}
  return b.addBinding(name, 0, 'var', { start, end }, {})
}

function lookUp<N>(b: Builder<N>, name: string, from: ScopeId): Binding | undefined {
  for (let at: ScopeId | undefined = from; at !== undefined; at = b.scope(at).parent) {
    const found = b.scope(at).names[name]
    if (found !== undefined) return b.bindings[found]
  }
  return undefined
}
