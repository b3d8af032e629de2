/**
 * Stands for a signal, or for none where the caller had none, in what a test expects a function to have been
 * called with: `expect(repo.find).toHaveBeenCalledWith('1', anySignal)`. For `expect` of Jest and of Vitest, by
 * their protocol of asymmetric matchers (https://jestjs.io/docs/expect#asymmetric-matchers).
 */
export const anySignal: AbortSignal | undefined = {
  $$typeof: Symbol.for('jest.asymmetricMatcher'),
  asymmetricMatch: (value: unknown) => value === undefined || value instanceof AbortSignal,
  toString: () => 'anySignal',
  toAsymmetricMatcher: () => 'anySignal',
} as unknown as AbortSignal | undefined
