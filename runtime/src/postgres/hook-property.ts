/**
 * Shows what is read from `target[key]` through `view`, and tells `hear` of what is written, beneath whatever has
 * hooked the property before.
 *
 * @returns what reads the property as it is beneath.
 */
export function hookProperty<Target extends object, Key extends keyof Target>(
  target: Target,
  key: Key,
  view?: (value: Target[Key]) => Target[Key],
  hear?: (value: Target[Key]) => void,
): () => Target[Key] {
  const below = Object.getOwnPropertyDescriptor(target, key)
  let own = target[key]
  const read = (): Target[Key] => (below?.get ? (below.get.call(target) as Target[Key]) : own)
  Object.defineProperty(target, key, {
    configurable: true,
    get: () => (view === undefined ? read() : view(read())),
    set: (value: Target[Key]) => {
      if (below?.set) below.set.call(target, value)
      else own = value
      hear?.(value)
    },
  })
  return read
}
