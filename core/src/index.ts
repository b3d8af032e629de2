export { append } from './append.js'
export { oncePer } from './once-per.js'
export { databasePackages } from './catalog/database-packages.js'
export { createCatalog, libraries, type Catalog } from './catalog/index.js'
export { joinProjects, readProject, type Project, type ReadText } from './catalog/project.js'
export type * from './catalog/types.js'
export type * from './edits/plan.js'
export type * from './edits/text-edit.js'
export type { Source } from './facts/builder.js'
export { extractFacts, type Extraction } from './facts/extract.js'
export {
  findOutsideComments,
  locationOf,
  placeBehind,
  skipTrivia,
  type LinePlace,
} from './facts/text.js'
export { isSuppressed } from './facts/suppressions.js'
export type * from './facts/types.js'
export { findAll, type FindOptions } from './findings/find.js'
export type * from './findings/finding.js'
export { isAmbiguous } from './findings/losses.js'
export { functionPath, type Found } from './findings/make-finding.js'
export type * from './findings/reasons.js'
export type * from './findings/report.js'
export { reasonWords, refusalWords } from './findings/words.js'
export {
  analyze,
  analyzeFile,
  sinkStatus,
  type Analysis,
  type AnalysisOptions,
  type Judgement,
  type Verdict,
} from './graph/analysis.js'
export { isExemptPath, migrationPath, testPath } from './graph/exemptions.js'
export { findAppCreations, type AppCreation } from './graph/applications.js'
export { findChainStarts, type ChainStart } from './graph/chain-starts.js'
export { mountedIn } from './graph/coverage.js'
export {
  establishedLibraries,
  establishment,
  openApplications,
  unestablishedEntries,
  type OpenApplication,
} from './graph/establish.js'
export { givenShifted, shifted } from './graph/shifted.js'
export { givenIn, type Given } from './graph/given.js'
export { bagUses } from './graph/bag-uses.js'
export { implementations, overrides } from './graph/overrides.js'
export { placedFunctions, placedSignatures } from './graph/placed.js'
export { isAltered } from './graph/replaced-methods.js'
export { surroundOf } from './graph/surround.js'
export { escapingWork } from './graph/escaping.js'
export { markedWork } from './graph/marked.js'
export * from './graph/model.js'
export { entryPointsBySink, unreachedSinks } from './graph/reach.js'
export type * from './graph/slots.js'
export { classifySql, sqlClasses } from './graph/sql.js'
export { traceReceiver, type Trace } from './graph/trace.js'
export {
  acceptsOf,
  nullishText,
  planDetached,
  planLocalFix,
  planPass,
  type LocalFix,
  type LocalPlan,
  type PassPlan,
} from './plan/local.js'
export { referenceToArrow } from './plan/reference.js'
export { planMarker } from './plan/mark.js'
export { planEstablish } from './plan/establish.js'
export { planSurround } from './plan/surround.js'
export { planSuggestions, type Suggestion } from './plan/suggest.js'
export {
  freeName,
  freeSignalName,
  importAs,
  importedName,
  type ImportedNames,
} from './plan/names.js'
export {
  appendItems,
  appendMember,
  endOfLine,
  indentationAt,
  lineBreak,
} from './plan/insertions.js'
export { removal } from './plan/enclose.js'
export { deriveFromRequest, obtain, parameterEdits } from './plan/obtain.js'
export { firstStatement, usesSemicolons } from './plan/first-statement.js'
export type { CallExpr } from './resolve/calls.js'
export { Program, type Links } from './resolve/program.js'
export { iterating } from './resolve/context.js'
export { Resolver, type Ask, type FileSet, type ForeignSlot } from './resolve/resolver.js'
export { isSignal, typeKeys, type Value } from './resolve/values.js'
export {
  describedAs,
  describedModules,
  splitLinks,
  type DescribedModules,
} from './settings/described-modules.js'
export { findNearest } from './settings/nearest.js'
export {
  configSchema,
  findConfigProblem,
  findSettingsProblem,
  ownLibraries,
  type CommonSettings,
  type OwnLibrary,
} from './settings/settings.js'
export { estree, type EstreeNode } from './syntax/estree.js'
export type { Comment, Shape, Syntax } from './syntax/shape.js'
export {
  createTypeScriptSyntax,
  originOf,
  type TsNamespace,
  type TsNode,
} from './syntax/typescript.js'
