/**
 * Functions of packages that keep what another function gives, for later callers with the same arguments:
 * by the module, the names under which it exports them; `default` also stands for what `require` gives. A
 * signal would become part of the key, and one caller's signal would end the work for all of them.
 *
 * From the README of each package, as it was in 2025.
 */
export const memoisers: Readonly<Record<string, readonly string[]>> = {
  '@formatjs/fast-memoize': ['memoize', 'default'],
  'fast-memoize': ['default'],
  lodash: ['memoize', 'once'],
  'lodash-es': ['memoize', 'once'],
  'lodash.memoize': ['default'],
  'lodash.once': ['default'],
  'lodash/memoize': ['default'],
  'lodash/once': ['default'],
  dataloader: ['default', 'DataLoader'],
  mem: ['default'],
  memoize: ['default'],
  'memoize-one': ['default'],
  memoizee: ['default'],
  'micro-memoize': ['default', 'memoize'],
  moize: ['default', 'moize'],
  'nano-memoize': ['default', 'nanomemoize'],
  'p-memoize': ['default', 'pMemoize'],
  'p-once': ['default'],
  ramda: ['memoizeWith', 'once'],
  remeda: ['once'],
  underscore: ['memoize', 'once'],
}

/**
 * A decorator that keeps what the method gives goes by a name like these, in whatever package: `@Cacheable()`,
 * `@Memoize()`. Those that only mark a method for an interceptor (`@CacheTTL(5)`) or empty a cache do not.
 */
export const memoisingDecorator =
  /^(?:p?memo(?:i[sz](?:e|ed|able))?(?:async|decorator)?|mem(?:decorator)?|cache(?:d|able|result|method)?|once)$/i
