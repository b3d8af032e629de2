export {
  verifyPlan,
  type RolledBackStep,
  type VerifyDiagnostic,
  type VerifyNotice,
  type VerifyOptions,
  type VerifyResult,
} from './verify.js'
export { UnsupportedProjectError } from './types/compiler.js'
export { UnreadableConfigError } from './types/projects.js'
export type { RuntimeTypes } from './types/runtime-mount.js'
