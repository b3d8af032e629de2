// Writes cli/config.schema.json from the settings that the command reads (core/src/settings).
//
//   npm run build && node scripts/config-schema.mjs            -- --check only compares, and exits 1 where they differ
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configSchema } from '@ctx-fix/core'
import { format, resolveConfig } from 'prettier'

const path = fileURLToPath(new URL('../cli/config.schema.json', import.meta.url))
const options = await resolveConfig(path)
const text = await format(JSON.stringify(configSchema()), { ...options, parser: 'json' })
if (process.argv.includes('--check')) {
  if (readFileSync(path, 'utf8') !== text) {
    console.error('cli/config.schema.json is out of date: npm run docs writes it')
    process.exitCode = 1
  }
} else writeFileSync(path, text)
