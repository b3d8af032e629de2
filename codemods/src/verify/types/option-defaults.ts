/* eslint-disable @typescript-eslint/no-deprecated -- deprecated values are the defaults of old versions */
import type { ts } from 'ts-morph'
import { compareVersions, type Compiler, type TypeScript } from './compiler.js'

/**
 * Options as the project's own version of TypeScript would read them. The bundled TypeScript 6 has
 * other defaults than versions before it, and under those an older project drowns in errors.
 */
export function withDefaultsOf(
  { ts, own, projectVersion }: Compiler,
  options: ts.CompilerOptions,
): ts.CompilerOptions {
  if (own || projectVersion === undefined || compareVersions(projectVersion, '6') >= 0)
    return options
  const { ModuleKind } = ts
  const target = options.target ?? defaultTarget(ts, options.module)
  const module =
    options.module ?? (target >= ts.ScriptTarget.ES2015 ? ModuleKind.ES2015 : ModuleKind.CommonJS)
  const moduleResolution = options.moduleResolution ?? defaultResolution(ts, module)
  const esModuleInterop = options.esModuleInterop ?? module >= ModuleKind.Node16
  return {
    strict: false,
    alwaysStrict: options.strict ?? false,
    noUncheckedSideEffectImports: false,
    // In TypeScript 6, the wild card asks for what used to be there unasked.
    types: ['*'],
    allowSyntheticDefaultImports:
      esModuleInterop ||
      module === ModuleKind.System ||
      moduleResolution === ts.ModuleResolutionKind.Bundler,
    resolveJsonModule: moduleResolution === ts.ModuleResolutionKind.Bundler,
    ...options,
    target,
    module,
    moduleResolution,
    esModuleInterop,
  }
}

function defaultTarget({ ModuleKind, ScriptTarget }: TypeScript, module?: ts.ModuleKind) {
  switch (module) {
    case ModuleKind.Node16:
    case ModuleKind.Node18:
      return ScriptTarget.ES2022
    case ModuleKind.Node20:
      return ScriptTarget.ES2023
    case ModuleKind.NodeNext:
      return ScriptTarget.ESNext
    default:
      return ScriptTarget.ES5
  }
}

function defaultResolution(
  { ModuleKind, ModuleResolutionKind }: TypeScript,
  module: ts.ModuleKind,
): ts.ModuleResolutionKind {
  if (module === ModuleKind.CommonJS) return ModuleResolutionKind.Node10
  if (module === ModuleKind.NodeNext) return ModuleResolutionKind.NodeNext
  if (module === ModuleKind.Preserve) return ModuleResolutionKind.Bundler
  if (module >= ModuleKind.Node16) return ModuleResolutionKind.Node16
  return ModuleResolutionKind.Classic
}
