import type { Descriptor } from './types.js'

/** A descriptor, parsed. `library` is undefined for an entity of the same library. */
export type ParsedDescriptor =
  | {
      readonly k: 'instance' | 'class'
      readonly library: string | undefined
      readonly entity: string
      readonly args: readonly (readonly ParsedDescriptor[])[]
    }
  | { readonly k: 'module' | 'self' | 'newSelf' | 'nothing' }
  | { readonly k: 'argument'; readonly index: number; readonly as: 'value' | 'instance' | 'result' }
  | { readonly k: 'typeArgument' | 'callTypeArgument'; readonly index: number }
  | { readonly k: 'promise' | 'array'; readonly of: readonly ParsedDescriptor[] }

const cache = new Map<Descriptor, readonly ParsedDescriptor[]>()

export function parseDescriptor(text: Descriptor): readonly ParsedDescriptor[] {
  let parsed = cache.get(text)
  if (!parsed) {
    parsed = splitAlternatives(text).map(parseOne)
    cache.set(text, parsed)
  }
  return parsed
}

function splitAlternatives(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '<') depth += 1
    if (text[at] === '>') depth -= 1
    if (text[at] === '|' && depth === 0) {
      parts.push(text.slice(from, at))
      from = at + 1
    }
  }
  parts.push(text.slice(from))
  return parts.map((part) => part.trim())
}

function parseOne(text: string): ParsedDescriptor {
  const generic = /^(Promise|Array)<(.*)>$/.exec(text)
  if (generic)
    return {
      k: generic[1] === 'Promise' ? 'promise' : 'array',
      of: parseDescriptor(generic[2] ?? ''),
    }
  const argument = /^(new )?arg(\d)(\(\))?$/.exec(text)
  if (argument)
    return {
      k: 'argument',
      index: Number(argument[2]),
      as: argument[1] !== undefined ? 'instance' : argument[3] !== undefined ? 'result' : 'value',
    }
  const typeArgument = /^T(\d)$/.exec(text)
  if (typeArgument) return { k: 'typeArgument', index: Number(typeArgument[1]) }
  const callTypeArgument = /^type(\d)$/.exec(text)
  if (callTypeArgument) return { k: 'callTypeArgument', index: Number(callTypeArgument[1]) }
  if (text === 'module' || text === 'self') return { k: text }
  if (text === 'new self') return { k: 'newSelf' }
  if (text === 'any') return { k: 'nothing' }
  const isClass = text.startsWith('class ')
  const whole = isClass ? text.slice('class '.length) : text
  const [name = '', args] = whole.split(/<(.*)>$/)
  const hash = name.lastIndexOf('#')
  return {
    k: isClass ? 'class' : 'instance',
    library: hash === -1 ? undefined : name.slice(0, hash),
    entity: name.slice(hash + 1),
    args: args === undefined ? [] : [parseDescriptor(args)],
  }
}
