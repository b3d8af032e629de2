import { styleText } from 'node:util'

/** Where a run stands and speaks. Passed in, so that a test can run a command without a process. */
export interface Terminal {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: Output
  readonly stderr: Output
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export type Style = 'bold' | 'dim' | 'underline' | 'red' | 'green' | 'yellow' | 'cyan'

export type Paint = (style: Style, text: string) => string

export function createPaint(hasColour: boolean): Paint {
  // Whether there is colour has been decided for the stream that is written to, hence no validation
  // against process.stdout here.
  return (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text)
}

/** https://no-color.org: any value but the empty string turns colour off. */
export function canColour(output: Output, env: Terminal['env']): boolean {
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0'
  return output.isTTY === true && env['TERM'] !== 'dumb'
}

/** A line about the run itself. Never on stdout, which belongs to the report or the patch. */
export function writeLine(terminal: Terminal, message: string): void {
  terminal.stderr.write(`ctx-fix: ${message}\n`)
}
