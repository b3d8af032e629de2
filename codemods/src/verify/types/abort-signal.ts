import type { ts } from 'ts-morph'
import { UnsupportedProjectError, type TypeScript } from './compiler.js'

/** Not in the public interface, but in every version from 4.7. */
interface NameResolver {
  resolveName(
    name: string,
    location: undefined,
    meaning: ts.SymbolFlags,
    excludeGlobals: boolean,
  ): ts.Symbol | undefined
}

/**
 * Makes sure that a program knows the global type `AbortSignal`, which every edit relies on.
 *
 * @throws {UnsupportedProjectError} with the cure.
 */
export function requireAbortSignal(ts: TypeScript, program: ts.Program, tsconfig: string): void {
  const checker = program.getTypeChecker() as ts.TypeChecker & NameResolver
  if (checker.resolveName('AbortSignal', undefined, ts.SymbolFlags.Type, false)) return
  throw new UnsupportedProjectError(
    `${tsconfig} knows no type AbortSignal: npm install --save-dev @types/node ` +
      `(and list "node" in "types" where that is set), or add "DOM" to "lib"`,
  )
}
