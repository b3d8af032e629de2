import { reportJson } from './json.js'
import type { Reporter } from './reporter.js'
import { reportStylish } from './stylish.js'

export const reporters = { stylish: reportStylish, json: reportJson } satisfies Record<
  string,
  Reporter
>

export type ReporterName = keyof typeof reporters
