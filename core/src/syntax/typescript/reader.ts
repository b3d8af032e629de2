import { findOutsideComments, skipTrivia } from '../../facts/text.js'
import type { Shape } from '../shape.js'
import type { TsNamespace, TsNode, TsNodes } from './node.js'

/** How one kind of node is read. */
export type Read = (r: Reader, node: TsNode) => Shape<TsNode>

/** Reads one source file's nodes: names of kinds, positions, and nodes that only ESTree has. */
export class Reader {
  readonly #names = new Map<number, string>()
  /** Behind `#!/usr/bin/env node`, which is no trivia. */
  readonly #begin: number
  readonly #flags: TsNamespace['NodeFlags']
  readonly #shapes = new WeakMap<TsNode, Shape<TsNode>>()

  constructor(
    readonly ts: TsNamespace,
    readonly text: string,
  ) {
    this.#flags = ts.NodeFlags
    this.#begin = /^\uFEFF?#!.*/.exec(text)?.[0].length ?? 0
    // Markers such as FirstStatement share the number of a real kind, which comes first.
    for (const [name, kind] of Object.entries(ts.SyntaxKind))
      if (typeof kind === 'number' && !/^(?:First|Last)[A-Z]/.test(name)) this.#name(kind, name)
  }

  #name(kind: number, name: string): void {
    if (!this.#names.has(kind)) this.#names.set(kind, name)
  }

  kind(node: TsNode | undefined): string {
    return node === undefined || node.made ? '' : (this.#names.get(node.kind) ?? '')
  }

  hasFlag(node: TsNode, name: string): boolean {
    const flag = this.#flags[name]
    return typeof flag === 'number' && ((node.flags ?? 0) & flag) === flag
  }

  kindName(kind: number | undefined): string {
    return kind === undefined ? '' : (this.#names.get(kind) ?? '')
  }

  start(node: TsNode): number {
    return node.made?.start ?? skipTrivia(this.text, node.pos === 0 ? this.#begin : node.pos)
  }

  make(of: TsNode, start: number, end: number, shape: Shape<TsNode>): TsNode {
    return { kind: -1, pos: start, end, made: { shape, start, of } }
  }

  /** A node of the same extent. */
  over(of: TsNode, shape: Shape<TsNode>): TsNode {
    return this.make(of, this.start(of), of.end, shape)
  }

  /** An expression without its parentheses, which ESTree does not have. */
  bare(node: TsNode): TsNode {
    let at = node
    while (this.kind(at) === 'ParenthesizedExpression' && at.expression) at = at.expression
    return at
  }

  /** A child that the grammar requires; the node itself stands in for one that a parser left out. */
  need(node: TsNode, child: TsNode | undefined): TsNode {
    return child ? this.bare(child) : this.make(node, node.end, node.end, { type: 'Other' })
  }

  maybe(child: TsNode | undefined): TsNode | null {
    return child ? this.bare(child) : null
  }

  list(nodes: TsNodes | undefined): readonly TsNode[] {
    return nodes ? nodes.map((each) => this.bare(each)) : []
  }

  has(node: TsNode, modifier: string): boolean {
    return node.modifiers?.some((each) => this.kind(each) === modifier) === true
  }

  decorators(node: TsNode): readonly TsNode[] {
    return node.modifiers?.filter((each) => this.kind(each) === 'Decorator') ?? []
  }

  typeArguments(node: TsNode): TsNode | null {
    return this.#angled(node, node.typeArguments, (params) => ({
      type: 'TSTypeParameterInstantiation',
      params,
    }))
  }

  typeParameters(node: TsNode): TsNode | null {
    return this.#angled(node, node.typeParameters, (params) => ({
      type: 'TSTypeParameterDeclaration',
      params,
    }))
  }

  /** A list between angle brackets, with them. */
  #angled(
    node: TsNode,
    list: TsNodes | undefined,
    shape: (params: readonly TsNode[]) => Shape<TsNode>,
  ): TsNode | null {
    if (!list) return null
    const close = findOutsideComments(this.text, '>', list.end)
    return this.make(node, list.pos - 1, close + 1, shape(list))
  }

  /** A type with the colon before it. */
  annotation(type: TsNode | undefined): TsNode | null {
    if (!type) return null
    const shape = { type: 'TSTypeAnnotation' as const, typeAnnotation: type }
    return this.make(type, this.text.lastIndexOf(':', type.pos), type.end, shape)
  }

  /** A name or pattern with its type and question mark, as ESTree keeps them together. */
  binding(node: TsNode, name: TsNode): TsNode {
    const { type, questionToken } = node
    if (!type && !questionToken) return name
    const end = Math.max(name.end, questionToken?.end ?? 0, type?.end ?? 0)
    const shape = {
      ...this.shape(name),
      typeAnnotation: this.annotation(type),
      optional: questionToken !== undefined,
    } as Shape<TsNode>
    return this.make(name, this.start(name), end, shape)
  }

  /** Keys of properties and members: what is in the brackets of a computed one. */
  key(node: TsNode, written = node.name): { key: TsNode; computed: boolean } {
    const name = this.need(node, written)
    return this.kind(name) === 'ComputedPropertyName'
      ? { key: this.need(name, name.expression), computed: true }
      : { key: name, computed: false }
  }

  shape(node: TsNode): Shape<TsNode> {
    if (node.made) return node.made.shape
    const known = this.#shapes.get(node)
    if (known) return known
    const shape = this.read(this, node)
    this.#shapes.set(node, shape)
    return shape
  }

  /** Set by the adapter, which knows how each kind is read. */
  read: Read = () => ({ type: 'Other' })
}
