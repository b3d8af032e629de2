export {
  analyzeProject,
  fixProject,
  type CodemodRequest,
  type CtxFixConfig,
  type FileChange,
  type FixResult,
  type ProjectInput,
} from './project.js'
export type { PreparedWrite } from './apply/index.js'
export { UsageError } from './usage-error.js'
export type { CodemodName } from './codemods/index.js'
