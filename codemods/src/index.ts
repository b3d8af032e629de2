export {
  analyzeProject,
  fixProject,
  type CtxFixConfig,
  type FileChange,
  type FixResult,
  type ProjectInput,
} from './project.js'
export { UsageError } from './usage-error.js'
