import { describe, expect, it } from 'vitest'
import { withoutConfig } from './without-config.js'

const text = 'SELECT $1'
const { signal } = new AbortController()
const callback = (): void => undefined

describe('a call that gives pg no more than a text and values', () => {
  it.each([
    ['text', [{ text, signal }], [text, undefined, undefined]],
    ['values inside', [{ text, values: [1], signal }], [text, [1], undefined]],
    ['values beside, which pg prefers', [{ text, values: [1] }, [2]], [text, [2], undefined]],
    ['a callback second', [{ text, values: [1] }, callback], [text, [1], callback]],
    ['a callback third', [{ text, signal }, undefined, callback], [text, undefined, callback]],
  ])('is made without the object: %s', (_, args, expected) => {
    expect(withoutConfig(args)).toEqual(expected)
  })
})

describe('a call with anything else', () => {
  class Query {
    text = text
  }
  const hidden = Object.defineProperty({ text }, 'name', { value: 'prepared', enumerable: false })
  it.each([
    ['a text', [text, [1]]],
    ['a name', [{ text, name: 'prepared', signal }]],
    ['a name that is hidden', [hidden]],
    ['an object of a class', [new Query()]],
    ['a text that is none', [{ text: 5, signal }]],
    ['nothing', []],
  ])('stays as it is: %s', (_, args: unknown[]) => {
    expect(withoutConfig(args)).toBe(args)
  })
})
