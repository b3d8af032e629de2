/** How what is patched was before, in the order of the patches. */
const originals: { readonly target: object; readonly own: PropertyDescriptorMap }[] = []

/** Keeps how `target` is, which is about to be patched. */
export function remember(target: object): void {
  originals.push({ target, own: Object.getOwnPropertyDescriptors(target) })
}

/**
 * Takes back all that this copy of the package has patched in drivers and pools: for test runners, where a process goes on with tests
 * that are none of its business. What is loaded afterwards is patched again.
 */
export function restorePatched(): void {
  for (const { target, own } of originals.splice(0).reverse()) {
    for (const key of Reflect.ownKeys(target)) {
      if (!Object.hasOwn(own, key)) Reflect.deleteProperty(target, key)
    }
    for (const key of Reflect.ownKeys(own)) {
      Reflect.defineProperty(target, key, own[key as string] as PropertyDescriptor)
    }
  }
}
