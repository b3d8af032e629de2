import { ESM, lines, sampleProject, tsconfig } from './sample-project.js'

export const DB = lines(
  'declare function send(text: string, signal?: AbortSignal): Promise<string[]>',
  'export async function query(text: string): Promise<string[]> {',
  '  return send(text)',
  '}',
)

/** A project around `query` of db.ts, with the steps that make it take a signal and pass it on. */
export function hubProject(files: Record<string, string>, options: object = {}) {
  const project = sampleProject({
    'package.json': ESM,
    'tsconfig.json': tsconfig(options),
    'src/db.ts': DB,
    ...files,
  })
  const hub = project.step('signature', {
    edits: [['src/db.ts', 'query(text: string', 'query(text: string, signal?: AbortSignal']],
    onlyIfRequired: true,
  })
  const sink = project.step('sink', {
    edits: [['src/db.ts', 'send(text)\n', 'send(text, signal)\n']],
    requires: [hub],
  })
  return { project, hub, sink }
}
