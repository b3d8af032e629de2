import { sep } from 'node:path'

const sourceFile = /\.[cm]?[jt]sx?$/
const declarationFile = /\.d\.([^./\\]+\.)?[cm]?ts$/
const typeScriptFile = /\.[cm]?tsx?$/

/** True for a file that people write code in: not a declaration file, not installed. */
export function isSourceFile(file: string): boolean {
  return (
    sourceFile.test(file) &&
    !declarationFile.test(file) &&
    !file.split(sep).includes('node_modules')
  )
}

/** Types that people declare by hand: nothing to report, but an augmentation says what a request holds. */
export function isReadableFile(file: string): boolean {
  return sourceFile.test(file) && !file.split(sep).includes('node_modules')
}

export function isTypeScriptFile(file: string): boolean {
  return typeScriptFile.test(file)
}
