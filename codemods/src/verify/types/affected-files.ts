import type { ts } from 'ts-morph'
import type { TypeScript } from './compiler.js'

/** Fields that the compiler itself uses to find what a change reaches; in every version from 4.7. */
interface ModuleLinks {
  readonly imports: readonly ts.StringLiteralLike[]
  readonly moduleAugmentations: readonly (ts.StringLiteral | ts.Identifier)[]
}

/**
 * The files of a program whose meaning can depend on one of `changed`: what imports them, directly
 * or not. A change in a global script, or to global declarations, reaches every file.
 */
export function affectedFiles(
  ts: TypeScript,
  program: ts.Program,
  changed: (file: ts.SourceFile) => boolean,
): ReadonlySet<ts.SourceFile> {
  const files = program.getSourceFiles().filter((file) => !program.isSourceFileDefaultLibrary(file))
  const links = dependants(ts, program, files)
  const affected = new Set(files.filter(changed))
  for (const file of affected) {
    const isGlobal = !ts.isExternalModule(file) && !isCommonJs(file)
    if (isGlobal || augmentsGlobal(ts, file)) return new Set(files)
    for (const dependant of links.get(file) ?? []) affected.add(dependant)
  }
  return affected
}

function dependants(
  ts: TypeScript,
  program: ts.Program,
  files: readonly ts.SourceFile[],
): Map<ts.SourceFile, Set<ts.SourceFile>> {
  const checker = program.getTypeChecker()
  const links = new Map<ts.SourceFile, Set<ts.SourceFile>>()
  const link = (used: ts.SourceFile, by: ts.SourceFile) => {
    const users = links.get(used) ?? new Set()
    links.set(used, users.add(by))
  }
  for (const file of files) {
    const { imports, moduleAugmentations } = file as ts.SourceFile & ModuleLinks
    // A package imports none of the project's files; it can only be extended by one.
    if (!program.isSourceFileFromExternalLibrary(file)) {
      for (const specifier of imports) {
        const declarations = checker.getSymbolAtLocation(specifier)?.declarations ?? []
        for (const declaration of declarations) link(declaration.getSourceFile(), file)
      }
    }
    for (const name of moduleAugmentations) {
      if (!ts.isStringLiteral(name)) continue
      const declarations = checker.getSymbolAtLocation(name)?.declarations ?? []
      for (const declaration of declarations) link(file, declaration.getSourceFile())
    }
  }
  return links
}

function augmentsGlobal(ts: TypeScript, file: ts.SourceFile): boolean {
  const { moduleAugmentations } = file as ts.SourceFile & ModuleLinks
  return moduleAugmentations.some((name) => ts.isIdentifier(name))
}

function isCommonJs(file: ts.SourceFile): boolean {
  return (file as { commonJsModuleIndicator?: unknown }).commonJsModuleIndicator !== undefined
}
