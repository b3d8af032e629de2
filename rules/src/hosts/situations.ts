import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const fixtures = fileURLToPath(new URL('../../../fixtures', import.meta.url))

export const compilerOptions = {
  target: 'ES2022',
  module: 'nodenext',
  strict: true,
  noEmit: true,
  allowJs: true,
  skipLibCheck: true,
  types: ['node'],
}

/** Copies `inner` of every folder, with what every project has where it does not say otherwise. */
export function copySituations(from: string, inner: string, to: string): void {
  for (const situation of readdirSync(from)) {
    const root = join(to, situation)
    cpSync(join(from, situation, inner), root, {
      recursive: true,
      filter: (path) => !['dist', 'node_modules'].includes(basename(path)),
    })
    const own = {
      'package.json': `{ "name": "${situation}", "type": "module" }`,
      'tsconfig.json': JSON.stringify({ compilerOptions, include: ['**/*'] }),
    }
    for (const [name, text] of Object.entries(own))
      if (!existsSync(join(root, name))) writeFileSync(join(root, name), text)
  }
}
