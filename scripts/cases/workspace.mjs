import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const compilerOptions = {
  target: 'ES2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  allowJs: true,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  experimentalDecorators: true,
  types: ['node'],
}

/**
 * Copies the cases where packages resolve: each is a package of its own, so that none sees another.
 *
 * @param {import('./read.mjs').Case[]} cases
 * @param {string} packages the node_modules that they are checked against
 */
export function createWorkspace(cases, packages) {
  const root = mkdtempSync(join(tmpdir(), 'ctx-fix-cases-'))
  symlinkSync(packages, join(root, 'node_modules'))
  writeJson(join(root, 'tsconfig.json'), { compilerOptions, include: ['*/*'] })
  writeJson(join(root, 'package.json'), { private: true, type: 'module' })
  for (const { name, files } of cases) {
    const folder = join(root, name)
    mkdirSync(folder)
    writeJson(join(folder, 'package.json'), { name: `case-${name}`, type: 'module' })
    writeJson(join(folder, 'tsconfig.json'), { extends: '../tsconfig.json', include: ['*'] })
    writeJson(join(folder, 'ctx-fix.config.json'), { noSignalInScope: 'off', strict: true })
    for (const file of files) writeFileSync(join(folder, file.name), file.text)
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)
}
