type Class = abstract new (...args: never[]) => object

/**
 * Makes `instanceof Known` true for the objects of each copy of the class in this process. An application in
 * ESM and a library in CommonJS have one each, and one throws what the other catches.
 *
 * @param name the same in all copies, and of no other class.
 */
export function knowAcrossCopies(Known: Class, name: string): void {
  const mark = Symbol.for(`@ctx-fix/runtime.${name}:1`)
  Object.defineProperty(Known.prototype, mark, { value: true })
  Object.defineProperty(Known, Symbol.hasInstance, {
    value(this: unknown, candidate: unknown): boolean {
      // A class that somebody has derived from it inherits this, and means its own objects.
      if (this !== Known)
        return Function.prototype[Symbol.hasInstance].call(this as Class, candidate)
      return typeof candidate === 'object' && candidate !== null && mark in candidate
    },
  })
}
